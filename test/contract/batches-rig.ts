import { randomBytes } from 'node:crypto';
import { P2PKH, Transaction } from '@bsv/sdk';
import { lockDocument, signDocument, type DocumentToken } from '#testkit';
import type { Answer, Caller } from './submissions-rig';

export interface BatchItem {
  readonly index: number;
  readonly status: number;
  readonly receipt?: { readonly id: string; readonly txid: string; readonly auditLeaf: number };
  readonly problem?: { readonly code: string; readonly detail: string; readonly next: string };
}

/** One document each, all issued from the outputs of one transaction, so that no BEEF grows with their number. */
export async function issueMany(caller: Caller, count: number, prefix = randomBytes(4).toString('hex')) {
  const { wallet } = caller;
  const output = { satoshis: 2, lockingScript: wallet.coinLockingScript.toHex(), outputDescription: 'an anchor' };
  const { tx } = await wallet.createAction({
    description: 'anchors of many documents',
    outputs: Array.from({ length: count }, () => output),
    options: { randomizeOutputs: false },
  });
  const anchors = Transaction.fromAtomicBEEF([...(tx ?? [])]);
  const tokens: DocumentToken[] = [];
  for (let vout = 0; vout < count; vout += 1)
    tokens.push(await issueOne(caller, { anchors, vout }, `${prefix}-${vout}`));
  return tokens;
}

async function issueOne(
  { wallet }: Caller,
  { anchors, vout }: { readonly anchors: Transaction; readonly vout: number },
  documentId: string,
): Promise<DocumentToken> {
  const content = { kind: 'order', documentId, contentHash: randomBytes(32) } as const;
  const fields = await signDocument(wallet, content, { txid: anchors.id('hex'), vout });
  const transaction = new Transaction();
  transaction.addInput({
    sourceTransaction: anchors,
    sourceOutputIndex: vout,
    unlockingScriptTemplate: new P2PKH().unlock(wallet.coinKey),
  });
  transaction.addOutput({ satoshis: 1, lockingScript: await lockDocument(wallet, fields, 'self') });
  await transaction.sign();
  const beef = Uint8Array.from(transaction.toAtomicBEEF());
  return { beef, txid: transaction.id('hex'), vout: 0, fields, documentId, counterparty: 'self' };
}

export const itemOf = (beef: Uint8Array, over: Record<string, unknown> = {}): Record<string, unknown> => ({
  beef: Buffer.from(beef).toString('base64'),
  topics: ['tm_documents'],
  ...over,
});

/** Each line as JSON, or as it is where it is a text. */
export const writeLines = (items: readonly (Record<string, unknown> | string)[], end = '\n'): string =>
  items.map((item) => `${typeof item === 'string' ? item : JSON.stringify(item)}${end}`).join('');

export const sendLines = (caller: Caller, body: string): Promise<Answer> =>
  caller.call('/v1/submissions/batch', {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body,
  });

export const sendBatch = (caller: Caller, items: readonly (Record<string, unknown> | string)[]): Promise<Answer> =>
  sendLines(caller, writeLines(items));

export const itemsOf = ({ json }: Answer): BatchItem[] => json['items'] as BatchItem[];
/** `201`, or the code of its problem. */
export const outcomesOf = (answer: Answer): (number | string)[] =>
  itemsOf(answer).map(({ status, problem }) => problem?.code ?? status);
