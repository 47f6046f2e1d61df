import { sha256d } from '#atomic-core';
import { uint, varint } from '#testkit';
import type { InputDraft, OutputDraft, TransactionDraft } from './draft';

/** The digests that a signature covers, written for this corpus alone: neither the core nor the SDK judges what it made itself. */
export interface Signed {
  readonly entry: TransactionDraft;
  /** The txid that each input names, wire order. */
  readonly parents: readonly Buffer[];
  readonly index: number;
  readonly satoshis: bigint;
  readonly subscript: Buffer;
  readonly scope: number;
}

const ANYONECANPAY = 0x80;
const FORKID = 0x40;
const CHRONICLE = 0x20;
const NONE = 2;
const SINGLE = 3;
const ZERO = Buffer.alloc(32);

const withLength = (script: Buffer): Buffer => Buffer.concat([varint(script.length), script]);
const writeOutput = ({ satoshis, script }: OutputDraft): Buffer =>
  Buffer.concat([uint(BigInt.asUintN(64, satoshis), 8), withLength(script)]);

const outpointOf = ({ entry, parents }: Signed, index: number): Buffer =>
  Buffer.concat([parents[index] ?? ZERO, uint(entry.inputs[index]?.vout ?? 0, 4)]);

/** Hashes that all inputs of one transaction share. */
const shared = new WeakMap<TransactionDraft, { prevouts: Buffer; sequences: Buffer; outputs: Buffer }>();

const sharedOf = (signed: Signed): { prevouts: Buffer; sequences: Buffer; outputs: Buffer } => {
  const known = shared.get(signed.entry);
  if (known) return known;
  const { inputs, outputs } = signed.entry;
  const made = {
    prevouts: sha256d(Buffer.concat(inputs.map((_, index) => outpointOf(signed, index)))),
    sequences: sha256d(Buffer.concat(inputs.map(({ sequence }) => uint(sequence, 4)))),
    outputs: sha256d(Buffer.concat(outputs.map(writeOutput))),
  };
  shared.set(signed.entry, made);
  return made;
};

/** A transaction that was changed is another one: its hashes are made anew. */
export const forgetDigests = (entry: TransactionDraft): void => void shared.delete(entry);

const outputsHash = (signed: Signed, base: number): Buffer => {
  const { entry, index } = signed;
  const own = entry.outputs[index];
  if (base === SINGLE) return own ? sha256d(writeOutput(own)) : ZERO;
  return base === NONE ? ZERO : sharedOf(signed).outputs;
};

const digestForkid = (signed: Signed): Buffer => {
  const { entry, index, satoshis, subscript, scope } = signed;
  const base = scope & 0x1f;
  const alone = (scope & ANYONECANPAY) !== 0;
  return sha256d(
    Buffer.concat([
      uint(entry.version, 4),
      alone ? ZERO : sharedOf(signed).prevouts,
      alone || base === SINGLE || base === NONE ? ZERO : sharedOf(signed).sequences,
      outpointOf(signed, index),
      withLength(subscript),
      uint(BigInt.asUintN(64, satoshis), 8),
      uint(entry.inputs[index]?.sequence ?? 0, 4),
      outputsHash(signed, base),
      ...[uint(entry.lockTime, 4), uint(scope, 4)],
    ]),
  );
};

const outputsOriginal = ({ entry, index }: Signed, base: number): Buffer => {
  if (base === NONE) return varint(0);
  if (base !== SINGLE) return Buffer.concat([varint(entry.outputs.length), ...entry.outputs.map(writeOutput)]);
  const blank = Buffer.concat([Buffer.alloc(8, 0xff), varint(0)]);
  const own = entry.outputs[index];
  return Buffer.concat([
    varint(index + 1),
    ...Array.from({ length: index }, () => blank),
    own ? writeOutput(own) : blank,
  ]);
};

/** The digest from before the fork, which Chronicle brought back: it hashes the whole transaction for every input. */
const digestOriginal = (signed: Signed): Buffer => {
  const { entry, index, subscript, scope } = signed;
  const base = scope & 0x1f;
  if (base === SINGLE && index >= entry.outputs.length) return Buffer.concat([Buffer.of(1), Buffer.alloc(31)]);
  const writeInput = (input: InputDraft, place: number): Buffer => {
    const script = place === index ? withLength(subscript) : varint(0);
    const open = place !== index && (base === NONE || base === SINGLE);
    return Buffer.concat([outpointOf(signed, place), script, uint(open ? 0 : input.sequence, 4)]);
  };
  const own = entry.inputs[index] as InputDraft;
  const inputs = (scope & ANYONECANPAY) !== 0 ? [writeInput(own, index)] : entry.inputs.map(writeInput);
  return sha256d(
    Buffer.concat([
      ...[uint(entry.version, 4), varint(inputs.length), ...inputs],
      ...[outputsOriginal(signed, base), uint(entry.lockTime, 4), uint(scope, 4)],
    ]),
  );
};

export const signedDigest = (signed: Signed): Buffer =>
  (signed.scope & FORKID) !== 0 && (signed.scope & CHRONICLE) === 0 ? digestForkid(signed) : digestOriginal(signed);
