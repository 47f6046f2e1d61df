const OP_PUSHDATA1 = 0x4c;
const OP_PUSHDATA4 = 0x4e;
const OP_IF = 0x63;
const OP_NOTIF = 0x64;
const OP_VERIF = 0x65;
const OP_VERNOTIF = 0x66;
const OP_ENDIF = 0x68;
const OP_RETURN = 0x6a;
const OP_CODESEPARATOR = 0xab;

/** Where the data of the push at `at` starts; the end of the opcode for one that pushes none. */
export const startOfPush = (bytes: Uint8Array, at: number): number => {
  const opcode = bytes[at] as number;
  if (opcode < OP_PUSHDATA1 || opcode > OP_PUSHDATA4) return at + 1;
  return at + 1 + (1 << (opcode - OP_PUSHDATA1));
};

/** Where the opcode at `at` ends, its data included: past the end of the script when that stops too early. */
export const endOfOpcode = (bytes: Uint8Array, at: number): number => {
  const opcode = bytes[at] as number;
  if (opcode < OP_PUSHDATA1) return at + 1 + opcode;
  if (opcode > OP_PUSHDATA4) return at + 1;
  const start = startOfPush(bytes, at);
  let length = 0;
  for (let index = start - 1; index > at; index--) length = length * 256 + (bytes[index] ?? 0);
  return start + length;
};

/** How many opcodes the interpreter will make of a script: an object for each, before the first one runs. Counting stops above `most`. */
export const countOpcodes = (script: Uint8Array, most: number): number => {
  let count = 0;
  let depth = 0;
  for (let at = 0; at < script.length && count <= most; count++) {
    const opcode = script[at] as number;
    // The data of an OP_RETURN outside of any condition is one piece, whatever it looks like.
    if (opcode === OP_RETURN && depth === 0) return count + 1;
    if (opcode === OP_IF || opcode === OP_NOTIF || opcode === OP_VERIF || opcode === OP_VERNOTIF) depth++;
    else if (opcode === OP_ENDIF) depth--;
    at = endOfOpcode(script, at);
  }
  return count;
};

/** The bytes that push `item`, in the form that `CScript << item` gives it. */
const writePush = (item: Uint8Array): Uint8Array => {
  const width = item.length < OP_PUSHDATA1 ? 0 : item.length < 0x100 ? 1 : item.length < 0x1_0000 ? 2 : 4;
  const push = new Uint8Array(1 + width + item.length);
  push[0] = width === 0 ? item.length : OP_PUSHDATA1 + (width >> 1);
  for (let index = 0; index < width; index++) push[1 + index] = item.length >>> (index * 8);
  push.set(item, 1 + width);
  return push;
};

const matchesAt = (script: Uint8Array, at: number, pattern: Uint8Array): boolean => {
  if (at + pattern.length > script.length) return false;
  for (let index = 0; index < pattern.length; index++) if (script[at + index] !== pattern[index]) return false;
  return true;
};

/** Leaves out the opcodes that `isDropped` names, data and all. The same bytes when there is none. */
const dropOpcodes = (script: Uint8Array, isDropped: (at: number) => boolean): Uint8Array => {
  let kept: Uint8Array | undefined;
  let length = 0;
  for (let at = 0; at < script.length;) {
    const end = Math.min(endOfOpcode(script, at), script.length);
    if (isDropped(at)) {
      if (!kept) {
        // Not by slice, which for a Buffer is a view: the script would be cut where it stands.
        kept = new Uint8Array(script);
        length = at;
      }
    } else if (kept) {
      kept.copyWithin(length, at, end);
      // `kept` is read behind where it is written, so what is copied is still the script's.
      length += end - at;
    }
    at = end;
  }
  return kept ? kept.subarray(0, length) : script;
};

/** A signature cannot sign itself: the original digest leaves it out wherever the script pushes it. */
export const findAndDelete = (script: Uint8Array, item: Uint8Array): Uint8Array => {
  const pattern = writePush(item);
  return dropOpcodes(script, (at) => matchesAt(script, at, pattern));
};

export const removeCodeSeparators = (script: Uint8Array): Uint8Array =>
  dropOpcodes(script, (at) => script[at] === OP_CODESEPARATOR);
