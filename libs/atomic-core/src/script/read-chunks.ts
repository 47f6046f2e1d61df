import { OP, type Script } from '@bsv/sdk';
import { endOfOpcode, startOfPush } from './script-walk';

export type ScriptChunk = Script['chunks'][number];

const OPENS = new Set<number>([OP.OP_IF, OP.OP_NOTIF, OP.OP_VERIF, OP.OP_VERNOTIF]);

/** One object for every opcode that carries nothing: 80,000 of them made anew are a seventh of a bomb's budget, and the garbage after it. */
const bare: readonly ScriptChunk[] = Array.from({ length: 256 }, (_, op) => Object.freeze({ op }));

const copy = (bytes: Uint8Array, start: number, end: number): number[] => {
  // At its full length from the start: an array that grows to a megabyte is copied a dozen times on the way.
  const data = new Array<number>(end - start);
  for (let at = start; at < end; at++) data[at - start] = bytes[at] as number;
  return data;
};

/** The opcodes of a script as the SDK's interpreter runs them, one for one what its own parser makes (read-chunks.spec.ts compares the two), in a third of the time. */
export const readChunks = (bytes: Uint8Array): ScriptChunk[] => {
  const chunks: ScriptChunk[] = [];
  let depth = 0;
  for (let at = 0; at < bytes.length;) {
    const op = bytes[at] as number;
    // The data of an OP_RETURN outside of any condition is one piece, whatever it looks like.
    if (op === OP.OP_RETURN && depth === 0) {
      chunks.push({ op, data: copy(bytes, at + 1, bytes.length) });
      break;
    }
    if (OPENS.has(op)) depth++;
    else if (op === OP.OP_ENDIF) depth--;
    const end = endOfOpcode(bytes, at);
    if (op === OP.OP_0 || op > OP.OP_PUSHDATA4) chunks.push(bare[op] as ScriptChunk);
    else chunks.push(readPush(bytes, at, end));
    at = end;
  }
  return chunks;
};

const readPush = (bytes: Uint8Array, at: number, end: number): ScriptChunk => {
  const start = startOfPush(bytes, at);
  // Where the script stops inside the length, the SDK pushes nothing.
  const data = start > bytes.length ? [] : copy(bytes, start, Math.min(end, bytes.length));
  return { data, op: bytes[at] as number, invalidLength: end > bytes.length };
};
