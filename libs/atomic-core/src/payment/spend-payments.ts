import { computeTxid, makeOutpoint, sha256d } from '../bytes';
import type { Satoshis, Txid } from '../bytes';
import { MeasuredWriter, varintBytes } from '../beef/measured-writer';
import { accept, reject } from '../rejection';
import type { Result } from '../rejection';

/** What an input is signed with: of the signature DER, of the key its 33 octets. */
export interface InputSignature {
  readonly signature: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** An output that is locked to a hash of a public key. */
export interface PaidCoin {
  readonly txid: Txid;
  readonly vout: number;
  readonly satoshis: Satoshis;
  readonly lockingScript: Uint8Array;
  /** The digest is 32 octets. */
  readonly sign: (digest: Uint8Array) => InputSignature;
}

export interface SpendOrder {
  /** Of the one output, which takes everything but the fee. */
  readonly lockingScript: Uint8Array;
  readonly satoshisPerKilobyte: Satoshis;
}

export interface SignedSpend {
  readonly txid: Txid;
  readonly raw: Uint8Array;
  /** Of the output. */
  readonly satoshis: Satoshis;
  readonly fee: Satoshis;
}

/** SIGHASH_ALL | SIGHASH_FORKID. */
const HASH_TYPE = 0x41;
const SEQUENCE_FINAL = 0xffff_ffff;
const OUTPOINT_BYTES = 36;
/** A signature with a low s in DER, with its hash type and a length before it; a key with a length before it. */
const UNLOCKING_BYTES_MAX = 1 + 72 + 1 + 33;
const INPUT_BYTES_MAX = OUTPOINT_BYTES + 1 + UNLOCKING_BYTES_MAX + 4;
const EMPTY_BYTES = 4 + 1 + 8 + 4;

/** By the largest that its signatures can be, so that what it costs is known before they are made. */
export const measureSpendFee = (coins: number, { lockingScript, satoshisPerKilobyte }: SpendOrder): Satoshis => {
  const { length } = lockingScript;
  const bytes = EMPTY_BYTES + varintBytes(coins) + coins * INPUT_BYTES_MAX + varintBytes(length) + length;
  return Math.ceil((bytes * satoshisPerKilobyte) / 1_000);
};

/** All of these coins into one output. Refused where the fee leaves nothing of them. */
export const spendPayments = (coins: readonly PaidCoin[], order: SpendOrder): Result<SignedSpend> => {
  const paid = coins.reduce((sum, { satoshis }) => sum + satoshis, 0);
  const fee = measureSpendFee(coins.length, order);
  if (coins.length === 0 || paid <= fee)
    return reject('treasury-insufficient', `${paid} satoshis in ${coins.length} outputs, and the fee is ${fee}`);
  const satoshis = paid - fee;
  const output = writeOutput(satoshis, order.lockingScript);
  const outpoints = coins.map(({ txid, vout }) => makeOutpoint(txid, vout));
  const shared = {
    previous: sha256d(Buffer.concat(outpoints)),
    sequences: sha256d(Buffer.alloc(4 * coins.length, 0xff)),
    outputs: sha256d(output),
  };
  const inputs = coins.map((coin, place) => {
    const outpoint = outpoints[place] as Uint8Array;
    return writeInput(outpoint, coin.sign(digestInput(coin, outpoint, shared)));
  });
  const raw = Buffer.concat([
    ...[uint32(1), writeVarint(coins.length), ...inputs],
    ...[writeVarint(1), output, uint32(0)],
  ]);
  return accept({ txid: computeTxid(raw), raw, satoshis, fee });
};

/** The digest of the fork (BIP 143), of which all inputs share three hashes. */
const digestInput = (
  { satoshis, lockingScript }: PaidCoin,
  outpoint: Uint8Array,
  shared: Readonly<Record<'previous' | 'sequences' | 'outputs', Uint8Array>>,
): Buffer =>
  sha256d(
    Buffer.concat([
      ...[uint32(1), shared.previous, shared.sequences, outpoint],
      ...[writeVarint(lockingScript.length), lockingScript, uint64(satoshis), uint32(SEQUENCE_FINAL)],
      ...[shared.outputs, uint32(0), uint32(HASH_TYPE)],
    ]),
  );

const writeInput = (outpoint: Uint8Array, { signature, publicKey }: InputSignature): Buffer => {
  const unlocking = Buffer.concat([
    ...[Buffer.of(signature.length + 1), signature, Buffer.of(HASH_TYPE)],
    ...[Buffer.of(publicKey.length), publicKey],
  ]);
  return Buffer.concat([outpoint, writeVarint(unlocking.length), unlocking, uint32(SEQUENCE_FINAL)]);
};

const writeOutput = (satoshis: Satoshis, script: Uint8Array): Buffer =>
  Buffer.concat([uint64(satoshis), writeVarint(script.length), script]);

const write = (bytes: number, work: (writer: MeasuredWriter) => void): Uint8Array => {
  const writer = new MeasuredWriter(bytes);
  work(writer);
  return writer.finish();
};
const uint32 = (value: number): Uint8Array => write(4, (writer) => writer.writeUint32(value));
const uint64 = (value: number): Uint8Array => write(8, (writer) => writer.writeUint64(value));
const writeVarint = (value: number): Uint8Array => write(varintBytes(value), (writer) => writer.writeVarint(value));
