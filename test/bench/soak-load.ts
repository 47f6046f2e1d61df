import { OP } from '@bsv/sdk';
import { buildBeefV2, buildBlock, buildCoinbase, buildFunding, buildTransaction, drawFrom } from '#testkit';
import type { CurveBinding } from './curve-binding';
import { buildChain, buildConsolidation, buildWide } from './shapes';

/** A BEEF of the soak, and whether it must be accepted. */
export interface SoakBeef {
  readonly name: string;
  readonly beef: Uint8Array;
  readonly isGood: boolean;
}

const repeat = (count: number, ...codes: number[]): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => Buffer.from(codes)));

/** A coin locked by `script` and its spend with an empty unlocking script. */
const buildScriptSpend = (script: Uint8Array, salt: number): Uint8Array => {
  const funding = buildFunding([{ satoshis: 1_000, script }], salt);
  const bump = buildBlock(900_000, [buildCoinbase(1), funding]).bump(1);
  const subject = buildTransaction({ inputs: [{ txid: funding.txid }], outputs: [{ satoshis: 1 }] });
  return new Uint8Array(buildBeefV2([bump], [{ raw: funding.raw, bumpIndex: 0 }, { raw: subject.raw }]));
};

const bomb = (name: string, script: Uint8Array): SoakBeef => ({
  name,
  beef: buildScriptSpend(script, 0),
  isGood: false,
});

const push64 = Buffer.concat([Buffer.from([64]), Buffer.alloc(64, 0x11)]);

const listBombs = (): SoakBeef[] => [
  bomb('CAT doubling', Buffer.concat([push64, repeat(40, OP.OP_DUP, OP.OP_CAT)])),
  bomb('a million opcodes', repeat(1_000_000, OP.OP_NOP)),
  bomb('a script that is false', Buffer.from([OP.OP_0])),
  { name: 'count bomb', beef: new Uint8Array(Buffer.from('0100beef00feffffffff', 'hex')), isGood: false },
  { name: 'four MiB of nothing', beef: fourMebibytes(), isGood: false },
];

/** A BEEF by its first bytes, then as long as the door lets through. */
const fourMebibytes = (): Uint8Array => {
  const beef = new Uint8Array(4 * 1024 * 1024).fill(0xff);
  beef.set([0x01, 0x00, 0xbe, 0xef]);
  return beef;
};

const copyWith = (beef: Uint8Array, at: number, bit: number): Uint8Array => {
  const copy = new Uint8Array(beef);
  copy[at]! ^= 1 << bit;
  return copy;
};

/** What arrives: resubmissions, transactions never seen before, damage, bombs. Fresh ones are signed here, so memories of txids fill as in a gateway. */
export const createLoad = (curve: CurveBinding): (() => SoakBeef) => {
  const roll = drawFrom(3);
  const good: Uint8Array[] = [
    ...Array.from({ length: 100 }, (_, salt) => buildChain(curve, 1, salt).beef),
    ...Array.from({ length: 40 }, (_, salt) => buildChain(curve, 10, salt).beef),
    ...Array.from({ length: 4 }, (_, salt) => buildChain(curve, 100, salt).beef),
    ...Array.from({ length: 4 }, (_, salt) => buildConsolidation(curve, 100, salt).beef),
    ...Array.from({ length: 4 }, (_, salt) => buildWide(curve, 100, salt).beef),
  ];
  const bombs = listBombs();
  let fresh = 0;
  const known = (): Uint8Array => good[roll(good.length)]!;
  const makers: readonly (() => SoakBeef)[] = [
    () => ({ name: 'seen before', beef: known(), isGood: true }),
    () => ({ name: 'fresh chain', beef: buildChain(curve, 1 + roll(20), 10_000 + (fresh += 1)).beef, isGood: true }),
    () => ({ name: 'fresh script', beef: buildScriptSpend(Buffer.from([OP.OP_1]), (fresh += 1)), isGood: true }),
    () => damage(known()),
    () => bombs[roll(bombs.length)]!,
  ];
  /** One bit of the last signature, or everything behind some byte. */
  const damage = (beef: Uint8Array): SoakBeef => {
    if (roll(2) === 0) return { name: 'cut off', beef: beef.slice(0, 4 + roll(beef.length - 4)), isGood: false };
    // Behind the last input's key stand its sequence, the outputs and the end: 100 bytes before the end is inside the signature of a single input.
    return { name: 'bit flipped', beef: copyWith(beef, beef.length - 150, roll(8)), isGood: false };
  };
  return () => {
    const chance = roll(100);
    if (chance < 50) return makers[0]!();
    if (chance < 75) return makers[1]!();
    if (chance < 80) return makers[2]!();
    return chance < 98 ? makers[3]!() : makers[4]!();
  };
};
