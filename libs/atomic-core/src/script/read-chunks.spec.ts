import { drawFrom } from '#testkit';
import { LockingScript, OP } from '@bsv/sdk';
import { readChunks } from './read-chunks';

const DRAWS = 3_000;
/** What a parser turns at, and what stops inside its own length. */
const TURNS = [
  ...[OP.OP_RETURN, OP.OP_IF, OP.OP_NOTIF, OP.OP_VERIF, OP.OP_VERNOTIF, OP.OP_ENDIF, OP.OP_ELSE, OP.OP_0, OP.OP_1],
  ...[OP.OP_PUSHDATA1, OP.OP_PUSHDATA2, OP.OP_PUSHDATA4, 1, 2, 75],
];

const parsedBySdk = (bytes: Uint8Array): unknown =>
  LockingScript.fromBinary([...bytes]).chunks.map((chunk) => ({ ...chunk }));
const parsed = (bytes: Uint8Array): unknown => readChunks(bytes).map((chunk) => ({ ...chunk }));

describe('the opcodes of a script', () => {
  it('are those that the parser of the SDK makes, of any octets', () => {
    const random = drawFrom(20_261_130);
    for (let draw = 0; draw < DRAWS; draw += 1) {
      const bytes = Uint8Array.from({ length: random(60) }, () =>
        random(3) === 0 ? random(256) : (TURNS[random(TURNS.length)] as number),
      );
      expect({ bytes, chunks: parsed(bytes) }).toEqual({ bytes, chunks: parsedBySdk(bytes) });
    }
  });

  it.each([
    ['nothing', []],
    ['a push without its length', [OP.OP_PUSHDATA1]],
    ['half a length', [OP.OP_PUSHDATA2, 7]],
    ['a length above 2^31', [OP.OP_PUSHDATA4, 0, 0, 0, 0x80, 1, 2, 3]],
    ['a push that is cut', [OP.OP_PUSHDATA1, 200, 1, 2]],
    ['a push of nothing', [OP.OP_PUSHDATA1, 0, OP.OP_1]],
    ['all opcodes', Array.from({ length: 256 }, (_, op) => (op > 0 && op <= OP.OP_PUSHDATA4 ? OP.OP_NOP : op))],
    ['data that looks like opcodes', [OP.OP_1, OP.OP_RETURN, OP.OP_PUSHDATA4, 1]],
    ['a return in a condition', [OP.OP_IF, OP.OP_RETURN, OP.OP_1, OP.OP_ENDIF, OP.OP_RETURN, 1, 2]],
    ['an end too many', [OP.OP_ENDIF, OP.OP_RETURN, 1, 2]],
  ])('are those of the SDK for %s', (_, bytes) => {
    expect(parsed(Uint8Array.from(bytes))).toEqual(parsedBySdk(Uint8Array.from(bytes)));
  });

  it('cannot be changed by whoever runs them', () => {
    const [chunk] = readChunks(Uint8Array.of(OP.OP_DUP));
    expect(() => Object.assign(chunk as object, { op: OP.OP_1 })).toThrow(TypeError);
  });
});
