import { txidToWire, type Txid } from '#atomic-core';
import { buildBeefV1, uint, varint, type BeefEntry } from '#testkit';
import { CoinPurse, type MadeTransaction, type SignedDigest } from './coin-purse';
import type { CurveBinding } from './curve-binding';

/** One BEEF to verify, and what is in it. */
export interface Fixture {
  readonly name: string;
  readonly beef: Uint8Array;
  readonly unproven: number;
  readonly bumps: number;
  readonly signed: readonly SignedDigest[];
}

export const caseNames = ['chain1', 'chain10', 'chain100', 'consol100', 'consol1000', 'wide100'] as const;
export type CaseName = (typeof caseNames)[number];

const BUMP_LEVELS = 11;
const BUMP_OFFSET = 1_337;
const HEIGHT_MIN = 800_000;
const FUNDING_SATOSHIS = 10_000_000;

/** A path of 11 levels, as blocks of 1,025 to 2,048 transactions have them. Its siblings are drawn: the root is whatever they lead to. */
const writeBump = (purse: CoinPurse, txid: Txid, height: number): Buffer => {
  const parts = [varint(height), uint(BUMP_LEVELS, 1)];
  for (let level = 0; level < BUMP_LEVELS; level += 1) {
    const sibling = (BUMP_OFFSET >> level) ^ 1;
    const nodes = [{ offset: sibling, flags: 0, hash: purse.draw() }];
    if (level === 0) nodes.push({ offset: BUMP_OFFSET, flags: 2, hash: Buffer.from(txidToWire(txid)) });
    nodes.sort((a, b) => a.offset - b.offset);
    parts.push(
      varint(nodes.length),
      ...nodes.flatMap(({ offset, flags, hash }) => [varint(offset), uint(flags, 1), hash]),
    );
  }
  return Buffer.concat(parts);
};

class Sketch {
  readonly purse: CoinPurse;
  private readonly bumps: Buffer[] = [];
  private readonly entries: BeefEntry[] = [];

  constructor(
    curve: CurveBinding,
    private readonly name: string,
    salt: number,
  ) {
    this.purse = new CoinPurse(curve, `${name} ${String(salt)}`);
  }

  addProven(outputs: number): MadeTransaction {
    const made = this.purse.fund(outputs, FUNDING_SATOSHIS);
    this.entries.push({ raw: made.raw, bumpIndex: this.bumps.length });
    this.bumps.push(writeBump(this.purse, made.txid, HEIGHT_MIN + this.bumps.length));
    return made;
  }

  addSpend(...[coins, outputs]: Parameters<CoinPurse['spend']>): MadeTransaction {
    const made = this.purse.spend(coins, outputs);
    this.entries.push({ raw: made.raw });
    return made;
  }

  finish(): Fixture {
    const { signed } = this.purse;
    const unproven = this.entries.length - this.bumps.length;
    const beef = new Uint8Array(buildBeefV1(this.bumps, this.entries));
    return { name: this.name, beef, unproven, bumps: this.bumps.length, signed };
  }
}

/** A proven coin spent `length` times in a row, each with change. */
export const buildChain = (curve: CurveBinding, length: number, salt = 0): Fixture => {
  const sketch = new Sketch(curve, `chain${String(length)}`, salt);
  let last = sketch.addProven(1);
  for (let index = 0; index < length; index += 1) last = sketch.addSpend([last.coins[0]!], 2);
  return sketch.finish();
};

/** One transaction over `inputs` coins, each from a parent with a BUMP of its own. */
export const buildConsolidation = (curve: CurveBinding, inputs: number, salt = 0): Fixture => {
  const sketch = new Sketch(curve, `consol${String(inputs)}`, salt);
  const coins = Array.from({ length: inputs }, () => sketch.addProven(1)).flatMap((parent) => parent.coins);
  sketch.addSpend(coins, 1);
  return sketch.finish();
};

/** One proven parent, `width` children side by side, and one transaction that joins them. */
export const buildWide = (curve: CurveBinding, width: number, salt = 0): Fixture => {
  const sketch = new Sketch(curve, `wide${String(width)}`, salt);
  const children = sketch.addProven(width).coins.map((coin) => sketch.addSpend([coin], 2));
  sketch.addSpend(
    children.map(({ coins }) => coins[0]!),
    1,
  );
  return sketch.finish();
};

/** One transaction over `inputs` coins of one proven parent: nothing but inputs grows. */
export const buildInputs = (curve: CurveBinding, inputs: number, salt = 0): Fixture => {
  const sketch = new Sketch(curve, `inputs${String(inputs)}`, salt);
  sketch.addSpend(sketch.addProven(inputs).coins, 1);
  return sketch.finish();
};

export const buildCase = (curve: CurveBinding, name: CaseName, salt = 0): Fixture => {
  switch (name) {
    case 'chain1':
      return buildChain(curve, 1, salt);
    case 'chain10':
      return buildChain(curve, 10, salt);
    case 'chain100':
      return buildChain(curve, 100, salt);
    case 'consol100':
      return buildConsolidation(curve, 100, salt);
    case 'consol1000':
      return buildConsolidation(curve, 1_000, salt);
    case 'wide100':
      return buildWide(curve, 100, salt);
  }
};
