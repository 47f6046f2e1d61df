import { PushDrop, Transaction, Utils } from '@bsv/sdk';
import type { LockingScript, WalletInterface, WalletProtocol } from '@bsv/sdk';
import { makeOutpoint, type Txid } from '#atomic-core';

export interface DocumentContent {
  readonly kind: 'order' | 'receipt' | 'invoice';
  readonly documentId: string;
  /** 32 bytes. */
  readonly contentHash: Uint8Array;
}

/** A document token that a wallet can spend. */
export interface DocumentToken {
  /** Atomic BEEF of the transaction that made this output. */
  readonly beef: Uint8Array;
  readonly txid: string;
  readonly vout: number;
  readonly fields: readonly number[][];
  readonly documentId: string;
  /** Whom the holder derives its key with: the one who sent it the token, or itself. */
  readonly counterparty: string;
}

const ISSUER_PROTOCOL: WalletProtocol = [2, 'portcullis document'];
const HOLDER_PROTOCOL: WalletProtocol = [2, 'portcullis document holder'];
const ANCHOR_PROTOCOL: WalletProtocol = [2, 'portcullis document anchor'];
const SIGNATURE_BYTES = 73;

interface Spend {
  readonly beef: Uint8Array;
  readonly txid: string;
  readonly vout: number;
  readonly protocol: WalletProtocol;
  readonly keyId: string;
  readonly counterparty: string;
}

interface Action {
  readonly description: string;
  readonly spend: Spend;
  readonly outputs: readonly LockingScript[];
}

/** The five fields of `tm_documents`, signed by `wallet` for one anchor. */
export async function signDocument(
  wallet: WalletInterface,
  { kind, documentId, contentHash }: DocumentContent,
  anchor: { txid: string; vout: number },
): Promise<number[][]> {
  const outpoint = makeOutpoint(anchor.txid as Txid, anchor.vout);
  const name = `${kind}/${documentId}`;
  const data = Buffer.concat([Buffer.from('portcullis document v1\n'), outpoint, contentHash, Buffer.from(name)]);
  const { signature } = await wallet.createSignature({
    data: [...data],
    protocolID: ISSUER_PROTOCOL,
    keyID: documentId,
    counterparty: 'anyone',
  });
  const { publicKey } = await wallet.getPublicKey({ identityKey: true });
  return [
    Utils.toArray(kind),
    Utils.toArray(documentId),
    [...contentHash],
    Utils.toArray(publicKey, 'hex'),
    [...signature],
  ];
}

/** The PushDrop script that gives these fields to `holder`, an identity key or "self". */
export function lockDocument(
  wallet: WalletInterface,
  fields: readonly number[][],
  holder: string,
): Promise<LockingScript> {
  const documentId = Utils.toUTF8(fields[1] ?? []);
  const pushDrop = new PushDrop(wallet);
  return pushDrop.lock([...fields], HOLDER_PROTOCOL, documentId, holder, holder === 'self', false);
}

/** The key that a token locks to when `counterparty` (an identity key, or "self") gave it to this wallet. */
export async function findHolderKey(
  wallet: WalletInterface,
  documentId: string,
  counterparty: string,
): Promise<string> {
  const { publicKey } = await wallet.getPublicKey({
    protocolID: HOLDER_PROTOCOL,
    keyID: documentId,
    counterparty,
    forSelf: true,
  });
  return publicKey;
}

/** Makes a one-satoshi output of the wallet's own, then spends it as input 0 of the transaction that issues the document. */
export async function issueDocument(
  wallet: WalletInterface,
  content: DocumentContent,
  holder = 'self',
): Promise<DocumentToken> {
  const anchor = await createAnchor(wallet, content.documentId);
  const fields = await signDocument(wallet, content, anchor);
  const script = await lockDocument(wallet, fields, holder);
  const made = await act(wallet, { description: 'issue a document', spend: anchor, outputs: [script] });
  return {
    ...made,
    vout: 0,
    fields,
    documentId: content.documentId,
    counterparty: await counterpartyOf(wallet, holder),
  };
}

/** Hands the token on: the same fields under a key of `recipient`. */
export async function transferDocument(
  wallet: WalletInterface,
  token: DocumentToken,
  recipient: string,
): Promise<DocumentToken> {
  const script = await lockDocument(wallet, token.fields, recipient);
  const made = await act(wallet, { description: 'transfer a document', spend: spendOf(token), outputs: [script] });
  return { ...token, ...made, vout: 0, counterparty: await counterpartyOf(wallet, recipient) };
}

/** Spends the token without a successor. */
export function retireDocument(
  wallet: WalletInterface,
  token: DocumentToken,
): Promise<{ beef: Uint8Array; txid: string }> {
  return act(wallet, { description: 'retire a document', spend: spendOf(token), outputs: [] });
}

/** A one-satoshi output that only this wallet can spend. */
export async function createAnchor(wallet: WalletInterface, keyId: string): Promise<Spend> {
  const script = await new PushDrop(wallet).lock(
    [Utils.toArray('anchor')],
    ANCHOR_PROTOCOL,
    keyId,
    'self',
    true,
    false,
  );
  const { tx, txid } = await wallet.createAction({
    description: 'make an anchor',
    outputs: [{ satoshis: 1, lockingScript: script.toHex(), outputDescription: 'anchor of a document' }],
    options: { randomizeOutputs: false },
  });
  if (tx === undefined || txid === undefined) throw new Error('The wallet did not answer with a transaction.');
  return { beef: Uint8Array.from(tx), txid, vout: 0, protocol: ANCHOR_PROTOCOL, keyId, counterparty: 'self' };
}

/** One action that spends one PushDrop output first and makes one-satoshi outputs in the given order. */
export async function act(
  wallet: WalletInterface,
  { description, spend, outputs }: Action,
): Promise<{ beef: Uint8Array; txid: string }> {
  const { signableTransaction } = await wallet.createAction({
    description,
    inputBEEF: [...spend.beef],
    inputs: [
      {
        outpoint: `${spend.txid}.${spend.vout}`,
        inputDescription: 'the token',
        unlockingScriptLength: SIGNATURE_BYTES,
      },
    ],
    outputs: outputs.map((script) => ({ satoshis: 1, lockingScript: script.toHex(), outputDescription: 'a token' })),
    options: { randomizeOutputs: false },
  });
  if (signableTransaction === undefined) throw new Error('The wallet did not ask for signatures.');
  const transaction = Transaction.fromAtomicBEEF(signableTransaction.tx);
  const unlocker = new PushDrop(wallet).unlock(spend.protocol, spend.keyId, spend.counterparty);
  const unlockingScript = (await unlocker.sign(transaction, 0)).toHex();
  const { tx, txid } = await wallet.signAction({
    reference: signableTransaction.reference,
    spends: { 0: { unlockingScript } },
  });
  if (tx === undefined || txid === undefined) throw new Error('The wallet did not answer with a transaction.');
  return { beef: Uint8Array.from(tx), txid };
}

function spendOf({ beef, txid, vout, documentId, counterparty }: DocumentToken): Spend {
  return { beef, txid, vout, protocol: HOLDER_PROTOCOL, keyId: documentId, counterparty };
}

async function counterpartyOf(wallet: WalletInterface, holder: string): Promise<string> {
  return holder === 'self' ? 'self' : (await wallet.getPublicKey({ identityKey: true })).publicKey;
}
