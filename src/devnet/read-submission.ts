import { Beef, Transaction } from '@bsv/sdk';

/** One submitted item: transactions to judge, parents first, the subject last. */
export interface Submission {
  readonly format: 'raw' | 'extended' | 'beef';
  readonly transactions: readonly Transaction[];
  /** Root and height of every Merkle path that came along. */
  readonly roots: readonly { readonly height: number; readonly root: string }[];
}

export class SubmissionMalformed extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const EXTENDED_MARKER = '0000000000ef';
const BEEF_VERSIONS = ['0100beef', '0200beef', '01010101'];

/** ARC takes one transaction as hex text, `{"rawTx": hex}` or octets. */
const readHex = (contentType: string, body: Buffer): string[] => {
  if (contentType.startsWith('application/octet-stream')) return [body.toString('hex')];
  if (contentType.startsWith('text/plain')) return body.toString('utf8').trim().split(/\s+/);
  if (!contentType.startsWith('application/json')) throw new SubmissionMalformed(400, 'unsupported content type');
  const json: unknown = JSON.parse(body.toString('utf8'));
  const items: unknown[] = Array.isArray(json) ? json : [json];
  return items.map((item) => {
    const { rawTx } = (item ?? {}) as { rawTx?: unknown };
    return typeof rawTx === 'string' ? rawTx : '';
  });
};

export const readSubmittedHex = (contentType: string, body: Buffer): string[] => {
  let items: string[];
  try {
    items = readHex(contentType, body);
  } catch (cause) {
    if (cause instanceof SubmissionMalformed) throw cause;
    throw new SubmissionMalformed(400, 'error parsing transactions from request: body is not JSON');
  }
  if (items.some((item) => item.length === 0 || item.length % 2 === 1 || !/^[0-9a-fA-F]*$/.test(item))) {
    throw new SubmissionMalformed(400, 'error parsing transactions from request: not hexadecimal');
  }
  return items.map((item) => item.toLowerCase());
};

const readBeef = (hex: string): Submission => {
  const beef = Beef.fromString(hex, 'hex');
  const valid = beef.verifyValid(false);
  // Past the end of its input the SDK reads empty transactions instead of failing.
  const hollow = beef.txs.length === 0 || beef.txs.some(({ tx }) => tx?.outputs.length === 0);
  if (!valid.valid || hollow) throw new Error('structure');
  beef.sortTxs();
  const subject = beef.atomicTxid ?? beef.txs.at(-1)?.txid;
  const unproven = beef.txs.filter((entry) => entry.bumpIndex === undefined || entry.txid === subject);
  const transactions = unproven.map((entry) => Transaction.fromHex((entry.tx as Transaction).toHex()));
  const last = transactions.findIndex((transaction) => transaction.id('hex') === subject);
  transactions.push(...transactions.splice(last, 1));
  const roots = Object.entries(valid.roots).map(([height, root]) => ({ height: Number(height), root }));
  return { format: 'beef', transactions, roots };
};

/** The SDK's parser takes truncated and trailing bytes; writing back what was read shows both. */
const readOne = (hex: string): Submission => {
  const extended = hex.slice(8, 20) === EXTENDED_MARKER;
  const transaction = extended ? Transaction.fromHexEF(hex) : Transaction.fromHex(hex);
  // `fromHex` keeps the bytes it was given, so a rebuilt copy is what gets compared.
  const { version, inputs, outputs, lockTime } = transaction;
  const rebuilt = new Transaction(version, inputs, outputs, lockTime);
  if ((extended ? rebuilt.toHexEF() : rebuilt.toHex()) !== hex) throw new Error('bytes');
  return { format: extended ? 'extended' : 'raw', transactions: [rebuilt], roots: [] };
};

export const readSubmission = (hex: string): Submission => {
  const beef = BEEF_VERSIONS.includes(hex.slice(0, 8));
  try {
    return beef ? readBeef(hex) : readOne(hex);
  } catch {
    throw new SubmissionMalformed(beef ? 468 : 463, beef ? 'BEEF is not valid' : 'transaction could not be parsed');
  }
};
