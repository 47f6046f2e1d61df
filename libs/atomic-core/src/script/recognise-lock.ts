import { SCRIPT_MEMORY_BYTES_MAX } from '../limits';
import { endOfOpcode, startOfPush } from './script-walk';

/** What a fast path can open: nothing of the kind; one key; the hash of one key; keys of which some must sign; a script that is true by itself, or by what is pushed. */
export const UNKNOWN = 0;
export const KEY = 1;
export const KEY_HASH = 2;
export const MULTISIG = 3;
export const TRUE = 4;
export const OPEN = 5;

/** Written over for each script, so that none costs an object. */
export interface RecognisedLock {
  kind: number;
  /** Start and end of the key, of the hash, or of the pushes of all keys. */
  start: number;
  end: number;
  /** For a multisignature. */
  signatures: number;
  keys: number;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

const OP_PUSHDATA1 = 0x4c;
const OP_PUSHDATA4 = 0x4e;
const OP_1NEGATE = 0x4f;
const OP_1 = 0x51;
const OP_16 = 0x60;
const OP_IF = 0x63;
const OP_ENDIF = 0x68;
const OP_RETURN = 0x6a;
const OP_2DROP = 0x6d;
const OP_DROP = 0x75;
const OP_DUP = 0x76;
const OP_EQUALVERIFY = 0x88;
const OP_HASH160 = 0xa9;
const OP_CHECKSIG = 0xac;
const OP_CHECKMULTISIG = 0xae;
const HASH_BYTES = 20;
const KEY_HASH_SCRIPT_BYTES = 25;
const NEGATIVE_ZERO = 0x80;

/** Opcodes of one script. More of them, or more bytes than the interpreter may hold, and it is the interpreter's, with its account. */
const OPCODES_MAX = 1_000;
const SCRIPT_BYTES_MAX = SCRIPT_MEMORY_BYTES_MAX - 1_024;
const SPARE_KEYS_MAX = 2;

export const isPush = (opcode: number): boolean => opcode <= OP_1NEGATE || (opcode >= OP_1 && opcode <= OP_16);

/** Small numbers by their opcode, and the shortest length: the rule MINIMALDATA. */
export const isMinimalPush = (bytes: Uint8Array, at: number): boolean => {
  const opcode = bytes[at] as number;
  if (opcode === 0 || opcode > OP_PUSHDATA4) return true;
  const start = startOfPush(bytes, at);
  const length = endOfOpcode(bytes, at) - start;
  const only = bytes[start] as number;
  if (length === 1) return opcode === 1 && only !== 0x81 && (only === 0 || only > 16);
  if (opcode < OP_PUSHDATA1) return true;
  if (opcode === OP_PUSHDATA1) return length >= OP_PUSHDATA1;
  return opcode === OP_PUSHDATA4 ? length > 0xffff : length > 0xff;
};

/** Whether what the push at `at` puts on the stack is true: any bit but the sign. */
export const isTruePush = (bytes: Uint8Array, at: number): boolean => {
  const opcode = bytes[at] as number;
  if (opcode > OP_PUSHDATA4) return true;
  const end = endOfOpcode(bytes, at);
  for (let index = startOfPush(bytes, at); index < end; index++) {
    const byte = bytes[index] as number;
    if (byte !== 0) return !(index === end - 1 && byte === NEGATIVE_ZERO);
  }
  return false;
};

/** The node asks a key for its form only; that it is a point is asked when it verifies. */
export const isKey = (bytes: Uint8Array, start: number, end: number): boolean => {
  const head = bytes[start];
  return end - start === 33 ? head === 0x02 || head === 0x03 : end - start === 65 && head === 0x04;
};

const isKeyHash = (bytes: Uint8Array, at: number, end: number): boolean =>
  at + KEY_HASH_SCRIPT_BYTES <= end &&
  bytes[at] === OP_DUP &&
  bytes[at + 1] === OP_HASH160 &&
  bytes[at + 2] === HASH_BYTES &&
  bytes[at + 23] === OP_EQUALVERIFY &&
  bytes[at + 24] === OP_CHECKSIG;

/** `OP_0 OP_IF <pushes> OP_ENDIF`, the envelope of inscriptions: never executed. Where it ends, or -1 for one that holds anything but pushes. */
const skipEnvelope = (bytes: Uint8Array, start: number, end: number): number => {
  let at = start + 2;
  while (at < end && isPush(bytes[at] as number)) at = endOfOpcode(bytes, at);
  return at < end && bytes[at] === OP_ENDIF ? at + 1 : -1;
};

const fill = (lock: RecognisedLock, kind: number, start: number, end: number): void => {
  lock.kind = kind;
  lock.start = start;
  lock.end = end;
};

/**
 * Keys that no signature is for are checks that nobody pays for in bytes: 1-of-16 costs four times as much for each byte as P2PK. No more of them than
 * signatures, and no more than two; what has more of them is the interpreter's, with its account.
 */
const hasFewSpares = (signatures: number, keys: number): boolean =>
  keys - signatures <= Math.min(signatures, SPARE_KEYS_MAX);

/** `OP_m <key>… OP_n OP_CHECKMULTISIG` */
const recogniseMultisig = (bytes: Uint8Array, { start, end }: Span, lock: RecognisedLock): void => {
  const count = bytes[end - 2] as number;
  const needed = bytes[start] as number;
  if (end - start < 3 || count < OP_1 || count > OP_16 || needed > count) return;
  if (!hasFewSpares(needed - OP_1 + 1, count - OP_1 + 1)) return;
  let keys = 0;
  let at = start + 1;
  while (at < end - 2) {
    const next = endOfOpcode(bytes, at);
    // A push of 33 or 65 bytes in the one form that is minimal.
    if (next > end - 2 || !isKey(bytes, at + 1, next)) return;
    keys++;
    at = next;
  }
  if (keys !== count - OP_1 + 1) return;
  fill(lock, MULTISIG, start + 1, end - 2);
  lock.keys = keys;
  lock.signatures = needed - OP_1 + 1;
};

/** Fills `lock` with the check that stands at `at`, and answers where it ends; 0 when none does. */
const readCheck = (bytes: Uint8Array, at: number, end: number, lock: RecognisedLock): number => {
  if (isKeyHash(bytes, at, end)) {
    fill(lock, KEY_HASH, at + 3, at + 23);
    return at + KEY_HASH_SCRIPT_BYTES;
  }
  const next = endOfOpcode(bytes, at);
  // No other push of a key than that by its length is minimal, and none else has the first byte of a key behind its opcode.
  if (next >= end || bytes[next] !== OP_CHECKSIG || !isKey(bytes, at + 1, next)) return 0;
  fill(lock, KEY, at + 1, next);
  return next + 1;
};

/** How many items lie there after data is pushed or dropped at `at`. Negative for any other opcode, and for a drop of what was there before. */
const depthAfter = (bytes: Uint8Array, at: number, end: number, depth: number): number => {
  const opcode = bytes[at] as number;
  if (opcode === OP_DROP) return depth - 1;
  if (opcode === OP_2DROP) return depth - 2;
  return isPush(opcode) && endOfOpcode(bytes, at) <= end && isMinimalPush(bytes, at) ? depth + 1 : -1;
};

/**
 * One check of one key among data that is pushed and dropped again: P2PKH, P2PK, PushDrop with its lock before or after, inscriptions, and any of them with
 * an OP_RETURN behind. `depth` counts what the script itself has pushed, so that a drop never takes what it was given or what the check left.
 */
const recogniseKey = (bytes: Uint8Array, { start, end }: Span, lock: RecognisedLock): void => {
  let depth = 0;
  let at = start;
  for (let opcodes = 0; at < end && opcodes < OPCODES_MAX; opcodes++) {
    if (bytes[at] === OP_RETURN && depth === 0) return;
    const isChecked = lock.kind !== UNKNOWN;
    const checked = readCheck(bytes, at, end, lock);
    if (checked > 0) {
      if (isChecked || depth !== 0) break;
      at = checked;
    } else if (bytes[at] === 0 && bytes[at + 1] === OP_IF && at + 1 < end) {
      at = skipEnvelope(bytes, at, end);
      if (at < 0) break;
    } else {
      depth = depthAfter(bytes, at, end, depth);
      if (depth < 0) break;
      at = endOfOpcode(bytes, at);
    }
  }
  if (at !== end || depth !== 0) lock.kind = UNKNOWN;
};

/**
 * What means the same in every era: one check and nothing else. Before Genesis an OP_RETURN fails, and pushes, opcodes, items and bytes have limits that
 * these forms never come near. The other forms mean the same since Genesis: none holds an opcode that Chronicle gave a meaning.
 */
export const isTimeless = ({ start, end }: Span, lock: RecognisedLock): boolean =>
  lock.kind === MULTISIG ||
  (lock.kind === KEY_HASH && end - start === KEY_HASH_SCRIPT_BYTES) ||
  (lock.kind === KEY && lock.start === start + 1 && lock.end === end - 1);

/** Reads a locking script into `lock`. Whatever it does not recognise to the last byte is `UNKNOWN` and goes to the interpreter. */
export const recogniseLock = (bytes: Uint8Array, span: Span, lock: RecognisedLock): void => {
  const { start, end } = span;
  lock.kind = UNKNOWN;
  if (end - start === KEY_HASH_SCRIPT_BYTES && isKeyHash(bytes, start, end)) {
    fill(lock, KEY_HASH, start + 3, start + 23);
    return;
  }
  if (end - start > SCRIPT_BYTES_MAX) return;
  const first = bytes[start] as number;
  if (start === end || first === OP_RETURN) {
    fill(lock, OPEN, start, end);
    return;
  }
  if (first >= OP_1 && first <= OP_16 && bytes[end - 1] === OP_CHECKMULTISIG) {
    recogniseMultisig(bytes, span, lock);
    if (lock.kind !== UNKNOWN) return;
  }
  const next = isPush(first) ? endOfOpcode(bytes, start) : end + 1;
  if (next === end || (next < end && bytes[next] === OP_RETURN)) {
    if (isMinimalPush(bytes, start) && isTruePush(bytes, start)) fill(lock, TRUE, start, next);
    return;
  }
  recogniseKey(bytes, span, lock);
};
