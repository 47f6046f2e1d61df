import { drawFrom, drawSpend } from '#testkit';
import { Hash, Script, Transaction, TransactionSignature } from '@bsv/sdk';
import { readUint64At } from '../beef/beef-tape';
import { sighash } from './judge-input';
import { findAndDelete, removeCodeSeparators } from './script-walk';

const SEED = 7_001;

/** Opcodes, separators among them, and pushes of every form. */
const drawScript = (draw: (below: number) => number): Buffer => {
  const parts: Buffer[] = [];
  for (let count = draw(12); count > 0; count--) {
    const length = [0, 1, 20, 75, 76, 255, 256][draw(7)] ?? 0;
    const data = Buffer.alloc(length, [0xab, 0x30, 0x51][draw(3)]);
    const heads = [
      [length],
      [0x4c, length & 0xff],
      [0x4d, length & 0xff, length >> 8],
      [0x4e, length & 0xff, length >> 8, 0, 0],
    ];
    const usable = heads.filter((_, form) => (form === 0 ? length < 0x4c : form === 1 ? length < 0x100 : true));
    parts.push(
      draw(2) === 0
        ? Buffer.of([0xab, 0xac, 0x51, 0x76, 0x63, 0x68, 0xb1][draw(7)] ?? 0)
        : Buffer.concat([Buffer.from(usable[draw(usable.length)] ?? []), data]),
    );
  }
  return Buffer.concat(parts);
};

describe('the signature hash', () => {
  it("is the SDK's, for every hash type of one byte, over drawn transactions and script codes", () => {
    for (let index = 0; index < 64; index++) {
      const draw = drawFrom(SEED + index);
      const { tape, parents } = drawSpend(SEED + index);
      const raw = tape.bytes.subarray(tape.transactions[7], tape.transactions[8]);
      const transaction = Transaction.fromBinary([...raw]);
      for (let hashType = index % 4; hashType < 256; hashType += 4) {
        const input = draw(parents.length);
        const own = transaction.inputs[input];
        if (!own) throw new Error('no such input');
        const scriptCode = drawScript(draw);
        const scope = {
          ...{
            sourceTXID: own.sourceTXID ?? '',
            sourceOutputIndex: own.sourceOutputIndex,
            inputSequence: own.sequence ?? 0,
          },
          ...{
            sourceSatoshis: readUint64At(tape.bytes, tape.outputs[input * 3] ?? 0),
            inputIndex: input,
            scope: hashType,
          },
          ...{ transactionVersion: transaction.version, lockTime: transaction.lockTime, outputs: transaction.outputs },
          otherInputs: transaction.inputs.toSpliced(input, 1),
          subscript: Script.fromBinary([...scriptCode]),
        };
        const theirs = TransactionSignature.usesOtdaSingleBug(scope)
          ? [1, ...Array.from({ length: 31 }, () => 0)]
          : Hash.hash256([...TransactionSignature.formatBytes(scope)]);
        const ours = sighash({ tape }, { transaction: 1, input, spentOutput: input }, { hashType, scriptCode });
        expect(`${index} ${hashType} ${ours.join()}`).toBe(`${index} ${hashType} ${theirs.join()}`);
      }
    }
  });

  it('changes with its hash type, its script code and its input', () => {
    const { tape } = drawSpend(SEED);
    const digest = (hashType: number, scriptCode: Uint8Array): string =>
      Buffer.from(sighash({ tape }, { transaction: 1, input: 0, spentOutput: 0 }, { hashType, scriptCode })).toString(
        'hex',
      );
    const hashTypes = [0x41, 0x42, 0x43, 0xc1, 0xc2, 0xc3, 0x61, 0x01];
    const digests = hashTypes.flatMap((hashType) => [
      digest(hashType, Buffer.of(0x51)),
      digest(hashType, Buffer.of(0x52)),
    ]);
    expect(new Set(digests).size).toBe(hashTypes.length * 2);
  });
});

describe('what the original digest leaves out of a script', () => {
  it('is what the SDK leaves out, over drawn scripts', () => {
    for (let index = 0; index < 500; index++) {
      const script = drawScript(drawFrom(SEED + index));
      const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
      const theirs = Script.fromBinary([...script])
        .removeCodeseparators()
        .toUint8Array();
      expect(hexOf(removeCodeSeparators(script))).toBe(hexOf(theirs));
      for (const length of [1, 20, 75, 76, 255, 256]) {
        const item = Buffer.alloc(length, 0x30);
        // From chunks: the SDK forgets the bytes of a script that it has not parsed yet.
        const { chunks } = Script.fromBinary([...script]);
        const expected = new Script(chunks).findAndDelete(new Script().writeBin([...item]));
        expect(hexOf(findAndDelete(script, item))).toBe(hexOf(expected.toUint8Array()));
      }
    }
  });

  it('is found at opcodes alone, never within the data of a push', () => {
    const script = Buffer.from('02ab30 ab 0130 4c0130 020130 0130'.replaceAll(' ', ''), 'hex');
    expect(Buffer.from(removeCodeSeparators(script)).toString('hex')).toBe('02ab3001304c01300201300130');
    expect(Buffer.from(findAndDelete(script, Buffer.of(0x30))).toString('hex')).toBe('02ab30ab4c0130020130');
  });

  it('stays within a script that ends in the middle of a push', () => {
    for (const hex of ['4c', '4d01', '4e010000', '05aabb', '4cff00', '4effffffff00']) {
      const script = Buffer.from(hex, 'hex');
      expect(Buffer.from(removeCodeSeparators(script))).toEqual(script);
      expect(Buffer.from(findAndDelete(script, Buffer.of(0x30)))).toEqual(script);
    }
  });
});
