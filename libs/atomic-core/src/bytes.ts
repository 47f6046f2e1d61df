import { hash as sha } from 'node:crypto';

declare const brand: unique symbol;

/** 64 lower-case hex digits in display order (the byte-reversed double SHA-256). */
export type Txid = string & { readonly [brand]: 'Txid' };
/** 36 bytes in wire order: txid (internal order) and vout (little-endian). */
export type Outpoint = Uint8Array & { readonly [brand]: 'Outpoint' };
/** A whole number of satoshis, 0 to 21e14. */
export type Satoshis = number;

export const SATOSHIS_MAX = 21e14;

export const sha256 = (bytes: Uint8Array): Buffer => sha('sha256', bytes, 'buffer');
export const sha256d = (bytes: Uint8Array): Buffer => sha256(sha256(bytes));

const TXID = /^[0-9a-f]{64}$/;
export const isTxid = (text: string): text is Txid => TXID.test(text);

/** Display order from 32 bytes in wire order. */
export const txidFromWire = (wire: Uint8Array): Txid => Buffer.from(wire).reverse().toString('hex') as Txid;
/** 32 bytes in wire order. */
export const txidToWire = (txid: Txid): Buffer => Buffer.from(txid, 'hex').reverse();
export const computeTxid = (raw: Uint8Array): Txid => txidFromWire(sha256d(raw));

export const makeOutpoint = (txid: Txid, vout: number): Outpoint => {
  const bytes = Buffer.alloc(36);
  txidToWire(txid).copy(bytes);
  bytes.writeUInt32LE(vout, 32);
  return bytes as unknown as Outpoint;
};
export const readOutpoint = (outpoint: Uint8Array): { txid: Txid; vout: number } => ({
  txid: txidFromWire(outpoint.subarray(0, 32)),
  vout: Buffer.from(outpoint.buffer, outpoint.byteOffset, 36).readUInt32LE(32),
});
/** `<txid>.<vout>`, the form of the BRCs. */
export const printOutpoint = (outpoint: Uint8Array): string => {
  const { txid, vout } = readOutpoint(outpoint);
  return `${txid}.${vout}`;
};
