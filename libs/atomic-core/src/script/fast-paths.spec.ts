import { dateGraph, drawFrom, drawLock, drawSpend, signSpend } from '#testkit';
import { LockingScript, OP, Spend, Transaction, UnlockingScript } from '@bsv/sdk';
import type { BeefGraph } from '../beef/beef-graph';
import { OUT_SATOSHIS, readUint64At } from '../beef/beef-tape';
import { openCrypto } from '../crypto/open-crypto';
import { judgeInput } from './judge-input';
import { SCRIPT_RULES } from './script-rules';
import { verifyInputsFast } from './verify-scripts';

const SPENDS = 2_500;
const SEED = 20_261_121;

const native = openCrypto('native');
const spends = Array.from({ length: SPENDS }, (_, index) => drawSpend(SEED + index));
const rowsOf = ({ parents }: BeefGraph): Uint32Array => Uint32Array.from(parents.keys());

/** The SDK as it comes, with our rules, over the same bytes. */
const judgeByStock = ({ tape }: BeefGraph, input: number): boolean => {
  const raw = (row: number) => tape.bytes.subarray(tape.transactions[row * 7], tape.transactions[row * 7 + 1]);
  const [parent, child] = [0, 1].map((row) => Transaction.fromBinary([...raw(row)])) as [Transaction, Transaction];
  const { sourceOutputIndex, sequence = 0xffffffff } = child.inputs[input] as (typeof child.inputs)[number];
  const script = tape.bytes.subarray(tape.inputs[input * 3 + 1], tape.inputs[input * 3 + 2]);
  const locking = tape.bytes.subarray(tape.outputs[input * 3 + 1], tape.outputs[input * 3 + 2]);
  try {
    return new Spend({
      ...{ sourceTXID: parent.id('hex'), sourceOutputIndex, inputSequence: sequence },
      sourceSatoshis: readUint64At(tape.bytes, tape.outputs[input * 3 + OUT_SATOSHIS] as number),
      lockingScript: LockingScript.fromBinary([...locking]),
      unlockingScript: UnlockingScript.fromBinary([...script]),
      otherInputs: child.inputs.toSpliced(input, 1),
      ...{ outputs: child.outputs, transactionVersion: child.version, inputIndex: input, lockTime: child.lockTime },
      verifyFlags: [...SCRIPT_RULES],
    }).validate();
  } catch {
    return false;
  }
};

describe('a fast path', () => {
  it(`only ever agrees with the interpreter, over ${SPENDS} drawn spends`, () => {
    const seen = { inputs: 0, fast: 0, interpreter: 0, refused: 0 };
    for (const [index, graph] of spends.entries()) {
      const fast = rowsOf(graph).map((row) => verifyInputsFast(dateGraph(graph), Uint32Array.of(row), native)[0] ?? 0);
      for (const [input, accepted] of fast.entries()) {
        const verdict = judgeInput(graph, input, { crypto: native }).ok;
        seen.inputs++;
        if (accepted === 1) seen.fast++;
        else if (verdict) seen.interpreter++;
        else seen.refused++;
        if (accepted === 1 && !verdict) throw new Error(`seed ${SEED + index}, input ${input}: fast alone accepts`);
      }
    }
    expect(seen.inputs).toBeGreaterThan(5_000);
    // Every way is taken, and none by accident.
    expect(seen.fast).toBeGreaterThan(seen.inputs * 0.3);
    expect(seen.interpreter).toBeGreaterThan(50);
    expect(seen.refused).toBeGreaterThan(seen.inputs / 10);
    process.stdout.write(`fast paths: ${JSON.stringify(seen)}\n`);
  });

  it('only ever agrees with the SDK as it comes', () => {
    for (const [index, graph] of spends.entries()) {
      if (index % 10 !== 0) continue;
      for (const input of rowsOf(graph)) {
        const stock = judgeByStock(graph, input);
        expect([SEED + index, input, judgeInput(graph, input, { crypto: native }).ok]).toEqual([
          SEED + index,
          input,
          stock,
        ]);
      }
    }
  });

  it('and the interpreter take a key that is no point for one that has signed nothing, as the node does and the SDK does not', () => {
    // No point of the curve has the x 5.
    const noPoint = Buffer.concat([Buffer.of(33, 2), Buffer.alloc(31), Buffer.of(5)]);
    const lock = {
      script: Buffer.concat([noPoint, Buffer.of(OP.OP_CHECKSIG, OP.OP_NOT)]),
      signers: [],
      unlock: () => Buffer.of(0),
    };
    const key = drawLock(drawFrom(1), 'key');
    const beside = {
      ...key,
      script: Buffer.concat([
        Buffer.of(OP.OP_1),
        key.script.subarray(0, -1),
        noPoint,
        Buffer.of(OP.OP_2, OP.OP_CHECKMULTISIG),
      ]),
      unlock: (signatures: readonly Uint8Array[]) => Buffer.concat([Buffer.of(0), key.unlock(signatures)]),
    };
    const graph = signSpend([lock, beside]);
    expect([0, 1].map((input) => judgeInput(graph, input, { crypto: native }).ok)).toEqual([true, true]);
    expect([...verifyInputsFast(dateGraph(graph), Uint32Array.of(0, 1), native)]).toEqual([0, 1]);
    expect([0, 1].map((input) => judgeByStock(graph, input))).toEqual([false, false]);
  });
});
