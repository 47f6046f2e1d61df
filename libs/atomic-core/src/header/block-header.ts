import { sha256d, txidFromWire, txidToWire, type Txid } from '../bytes';

export const HEADER_BYTES = 80;

export interface HeaderFields {
  readonly version: number;
  /** Display order. */
  readonly prevHash: string;
  /** Display order. */
  readonly merkleRoot: string;
  /** Unix seconds. */
  readonly time: number;
  readonly bits: number;
  readonly nonce: number;
}

export interface BlockHeader extends HeaderFields {
  /** Display order. */
  readonly hash: string;
  readonly bytes: Uint8Array;
}

/** Undefined unless it is exactly 80 bytes: any 80 bytes are a header, and only their work makes them worth something. */
export const readHeader = (bytes: Uint8Array): BlockHeader | undefined => {
  if (bytes.length !== HEADER_BYTES) return undefined;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  return {
    hash: txidFromWire(sha256d(bytes)),
    version: view.readInt32LE(0),
    prevHash: txidFromWire(bytes.subarray(4, 36)),
    merkleRoot: txidFromWire(bytes.subarray(36, 68)),
    time: view.readUInt32LE(68),
    bits: view.readUInt32LE(72),
    nonce: view.readUInt32LE(76),
    bytes,
  };
};

/** For sources that answer fields instead of bytes. The fields must be in range and the hashes 64 hex digits. */
export const writeHeader = (fields: HeaderFields): Uint8Array => {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32LE(fields.version >>> 0, 0);
  txidToWire(fields.prevHash as Txid).copy(bytes, 4);
  txidToWire(fields.merkleRoot as Txid).copy(bytes, 36);
  bytes.writeUInt32LE(fields.time, 68);
  bytes.writeUInt32LE(fields.bits, 72);
  bytes.writeUInt32LE(fields.nonce, 76);
  return bytes;
};
