import { PUSH_DROP_FIELDS_MAX } from '../limits';

/** A PushDrop output as `@bsv/sdk` locks it: `<key> OP_CHECKSIG <field>… OP_2DROP… [OP_DROP]`. */
export interface PushDrop {
  /** 33 bytes: the key that can spend the output. */
  readonly lockingKey: Uint8Array;
  readonly fields: readonly Uint8Array[];
}

const OP_PUSHDATA1 = 0x4c;
const OP_PUSHDATA2 = 0x4d;
const OP_1NEGATE = 0x4f;
const OP_1 = 0x51;
const OP_16 = 0x60;
const OP_2DROP = 0x6d;
const OP_DROP = 0x75;
const OP_CHECKSIG = 0xac;
const KEY_BYTES = 33;
const FIELDS_OFFSET = 1 + KEY_BYTES + 1;

/**
 * The fields of a PushDrop script, or undefined for any other. Strict where the SDK's `PushDrop.decode` is not (it takes any script and stops at the first
 * drop): one key push, minimal pushes, exactly as many drops as fields, nothing after. One token has one encoding, so equal fields are equal bytes.
 */
export function readPushDrop(script: Uint8Array): PushDrop | undefined {
  if (script.length < FIELDS_OFFSET + 2 || script[0] !== KEY_BYTES || script[1 + KEY_BYTES] !== OP_CHECKSIG)
    return undefined;
  const lockingKey = script.subarray(1, 1 + KEY_BYTES);
  if (lockingKey[0] !== 0x02 && lockingKey[0] !== 0x03) return undefined;
  const fields: Uint8Array[] = [];
  let offset = FIELDS_OFFSET;
  while (offset < script.length && script[offset] !== OP_DROP && script[offset] !== OP_2DROP) {
    const push = readPush(script, offset);
    if (push === undefined || fields.length === PUSH_DROP_FIELDS_MAX) return undefined;
    fields.push(push.field);
    offset = push.end;
  }
  return fields.length > 0 && hasExactDrops(script.subarray(offset), fields.length)
    ? { lockingKey, fields }
    : undefined;
}

function hasExactDrops(drops: Uint8Array, count: number): boolean {
  const pairs = Math.floor(count / 2);
  if (drops.length !== pairs + (count % 2)) return false;
  return drops.every((op, index) => op === (index < pairs ? OP_2DROP : OP_DROP));
}

function readPush(script: Uint8Array, offset: number): { field: Uint8Array; end: number } | undefined {
  const op = script[offset] ?? 0;
  // Small numbers have an opcode of their own and must use it.
  if (op === 0) return { field: Uint8Array.of(0), end: offset + 1 };
  if (op === OP_1NEGATE) return { field: Uint8Array.of(0x81), end: offset + 1 };
  if (op >= OP_1 && op <= OP_16) return { field: Uint8Array.of(op - OP_1 + 1), end: offset + 1 };
  const head = readPushLength(script, offset, op);
  if (head === undefined) return undefined;
  const end = head.start + head.length;
  if (end > script.length) return undefined;
  const field = script.subarray(head.start, end);
  return isMinimal(field, op) ? { field, end } : undefined;
}

function readPushLength(script: Uint8Array, offset: number, op: number): { start: number; length: number } | undefined {
  if (op < OP_PUSHDATA1) return { start: offset + 1, length: op };
  const low = script[offset + 1];
  const high = script[offset + 2];
  if (op === OP_PUSHDATA1 && low !== undefined) return { start: offset + 2, length: low };
  if (op === OP_PUSHDATA2 && low !== undefined && high !== undefined)
    return { start: offset + 3, length: low + high * 256 };
  return undefined;
}

function isMinimal(field: Uint8Array, op: number): boolean {
  if (op === OP_PUSHDATA1) return field.length >= OP_PUSHDATA1;
  if (op === OP_PUSHDATA2) return field.length > 0xff;
  const [only = 0xff] = field;
  return field.length !== 1 || (only > 16 && only !== 0x81);
}
