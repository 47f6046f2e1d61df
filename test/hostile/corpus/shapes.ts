import type { BeefDraft, BumpDraft, InputDraft, OutputDraft, TransactionDraft } from './draft';
import type { Random } from './random';
import type { Unlocks } from './sign-draft';
import { dataScript, drawTemplate } from './templates';

/** Honest graphs of every shape that wallets send, small enough for the SDK to judge in milliseconds. */

export const TIP_HEIGHT = 900_200;
export const MEDIAN_TIME_PAST = 1_795_000_000;
const NULL_OUTPOINT = { txid: Buffer.alloc(32), vout: 0xffffffff };
const SUPPLY = 1_000_000n;

export interface Shape {
  readonly draft: BeefDraft;
  readonly unlocks: Unlocks;
}

/** Builds one draft: every method adds an entry and answers its index. */
export class Shaper {
  readonly draft: BeefDraft = { kind: 'V2', bumps: [], entries: [], subject: 0 };
  readonly unlocks: Unlocks = new Map();

  constructor(
    readonly random: Random,
    readonly odd: boolean,
  ) {}

  output(satoshis: bigint): OutputDraft {
    const { script, unlock } = drawTemplate(this.random, this.odd);
    const output = { satoshis, script };
    this.unlocks.set(output, unlock);
    return output;
  }

  outputs(count: number, total: bigint): OutputDraft[] {
    const outputs = Array.from({ length: count }, () => this.output(total / BigInt(count)));
    if (this.random.chance(3)) outputs.push({ satoshis: 0n, script: dataScript(this.random) });
    return outputs;
  }

  /** A transaction from outside of the BEEF, to be given a BUMP. */
  fund(outputCount = 1): number {
    const link = { parent: -1, txid: this.random.bytes(32), vout: this.random.below(4), script: Buffer.alloc(0) };
    return this.add([{ ...link, sequence: 0xffffffff }], this.outputs(outputCount, SUPPLY));
  }

  coinbase(): number {
    const input = { parent: -1, ...NULL_OUTPOINT, script: this.random.bytes(8), sequence: 0xffffffff };
    return this.add([input], this.outputs(1, SUPPLY));
  }

  spend(coins: readonly (readonly [parent: number, vout: number])[], outputCount = 1): number {
    const inputs = coins.map(([parent, vout]): InputDraft => ({
      parent,
      vout,
      script: Buffer.alloc(0),
      sequence: 0xffffffff,
    }));
    const taken = coins.reduce(
      (sum, [parent, vout]) => sum + (this.draft.entries[parent]?.outputs[vout]?.satoshis ?? 0n),
      0n,
    );
    return this.add(inputs, this.outputs(outputCount, taken - taken / 20n));
  }

  /** Puts entries into one block of some strangers, at places of their own. A coinbase goes first. */
  mine(
    entries: readonly number[],
    height = TIP_HEIGHT - this.random.below(this.random.chance(4) ? 100_000 : 90),
  ): void {
    const size = entries.length + this.random.below(6);
    const leaves: BumpDraft['leaves'] = Array.from({ length: size }, () => this.random.bytes(32));
    const free = leaves.map((_, place) => place);
    const named = entries.map((entry) => {
      const isCoinbase = this.draft.entries[entry]?.inputs[0]?.vout === NULL_OUTPOINT.vout;
      const [place = 0] = free.splice(isCoinbase ? 0 : this.random.below(free.length), 1);
      leaves[place] = entry;
      (this.draft.entries[entry] as TransactionDraft).bump = this.draft.bumps.length;
      return place;
    });
    this.draft.bumps.push({ height, leaves, named });
  }

  private add(inputs: InputDraft[], outputs: OutputDraft[]): number {
    const version = this.random.pick([1, 1, 2]);
    const lockTime = this.random.chance(5) ? this.random.pick([TIP_HEIGHT - 10, MEDIAN_TIME_PAST - 10]) : 0;
    this.draft.entries.push({ version, inputs, outputs, lockTime });
    this.draft.subject = this.draft.entries.length - 1;
    return this.draft.subject;
  }
}

const builders: Readonly<Record<string, (shaper: Shaper) => void>> = {
  'one spend': (shaper) => {
    const fund = shaper.fund();
    shaper.mine([fund]);
    shaper.spend([[fund, 0]], shaper.random.between(1, 3));
  },
  chain: (shaper) => {
    let last = shaper.fund();
    shaper.mine([last]);
    for (let length = shaper.random.between(2, 4); length > 0; length--) last = shaper.spend([[last, 0]]);
  },
  'consolidation out of blocks of their own': (shaper) => {
    const funds = Array.from({ length: shaper.random.between(2, 4) }, () => shaper.fund());
    for (const fund of funds) shaper.mine([fund]);
    shaper.spend(funds.map((fund) => [fund, 0]));
  },
  'consolidation out of one block': (shaper) => {
    const funds = Array.from({ length: shaper.random.between(2, 4) }, () => shaper.fund());
    shaper.mine(funds);
    shaper.spend(funds.map((fund) => [fund, 0]));
  },
  diamond: (shaper) => {
    const fund = shaper.fund(2);
    shaper.mine([fund]);
    const [left, right] = [shaper.spend([[fund, 0]]), shaper.spend([[fund, 1]])];
    shaper.spend([
      [left, 0],
      [right, 0],
    ]);
  },
  'fan out and in': (shaper) => {
    const fund = shaper.fund();
    shaper.mine([fund]);
    const fan = shaper.spend([[fund, 0]], 3);
    shaper.spend(
      [
        [fan, 0],
        [fan, 1],
        [fan, 2],
      ],
      2,
    );
  },
  'a mature coinbase': (shaper) => {
    const coinbase = shaper.coinbase();
    shaper.mine([coinbase], TIP_HEIGHT - shaper.random.pick(shaper.odd ? [90, 98, 99, 100, 101] : [100, 1_000]));
    shaper.spend([[coinbase, 0]]);
  },
  'a proven subject': (shaper) => shaper.mine([shaper.fund()]),
  'a proven parent with its own parent': (shaper) => {
    const fund = shaper.fund();
    const parent = shaper.spend([[fund, 0]], 2);
    shaper.mine([fund]);
    shaper.mine([parent]);
    shaper.spend([
      [parent, 0],
      [parent, 1],
    ]);
  },
  'a stranger beside it': (shaper) => {
    const [fund, stranger] = [shaper.fund(), shaper.fund()];
    shaper.mine([fund, stranger]);
    shaper.spend([[fund, 0]]);
  },
};

export const shapeNames: readonly string[] = Object.keys(builders);

/** `odd`: templates at the edges too. The unlocking scripts are still empty: see `signDraft`. */
export const buildShape = (name: string, random: Random, odd = false): Shape => {
  const shaper = new Shaper(random, odd);
  builders[name]?.(shaper);
  const { draft, unlocks } = shaper;
  draft.kind = name.startsWith('a stranger')
    ? random.pick(['V1', 'V2'] as const)
    : random.pick(['V1', 'V2', 'Atomic'] as const);
  return { draft, unlocks };
};
