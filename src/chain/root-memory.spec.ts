import fc from 'fast-check';
import type { ChainView } from '#ledger';
import { RootMemory } from './root-memory';

/** A store whose blocks are named by their branch: block `b2@7` has root `root b2@7`. */
class ModelChain {
  blocks: string[] = ['b0@0', 'b0@1', 'b0@2', 'b0@3'];
  asked: (readonly number[])[] = [];
  #branches = 0;

  reorg(depth: number, length: number): void {
    this.#branches += 1;
    const kept = this.blocks.slice(0, Math.max(1, this.blocks.length - depth));
    const added = Array.from({ length }, (_, at) => `b${this.#branches}@${kept.length + at}`);
    this.blocks = [...kept, ...added];
  }

  rootAt(height: number): string | undefined {
    const block = this.blocks[height];
    return block === undefined ? undefined : `root ${block}`;
  }

  look(anchor: string | undefined, heights: readonly number[]): ChainView {
    this.asked.push(heights);
    const roots = heights.flatMap((height): [number, string][] => {
      const root = this.rootAt(height);
      return root === undefined ? [] : [[height, root]];
    });
    return {
      tipHash: this.blocks.at(-1),
      holdsAnchor: anchor !== undefined && this.blocks.includes(anchor),
      roots: new Map(roots),
    };
  }
}

const open = (rootsMax?: number): { chain: ModelChain; memory: RootMemory } => {
  const chain = new ModelChain();
  const view = (anchor: string | undefined, heights: readonly number[]): Promise<ChainView> =>
    Promise.resolve(chain.look(anchor, heights));
  return { chain, memory: new RootMemory(view, rootsMax) };
};
const question = (chain: ModelChain, height: number): { height: number; root: string } => ({
  height,
  root: chain.rootAt(height) ?? 'root of nothing',
});

describe('the memory of roots', () => {
  it('asks the store for a root once, and each time whether that still counts', async () => {
    const { chain, memory } = open();
    const questions = [question(chain, 1), question(chain, 2)];
    const first = await memory.findRoots(questions);
    chain.reorg(0, 3);
    expect(await memory.findRoots(questions)).toEqual(first);
    expect(await memory.findRoots([...questions, question(chain, 5)])).toEqual(new Map([...first, [5, 'root b1@5']]));
    expect(chain.asked).toEqual([[1, 2], [], [5]]);
  });

  it('forgets everything when the block it was found under leaves the best chain', async () => {
    const { chain, memory } = open();
    const questions = [question(chain, 1), question(chain, 3)];
    await memory.findRoots(questions);
    chain.reorg(1, 2);
    expect(await memory.findRoots(questions)).toEqual(
      new Map([
        [1, 'root b0@1'],
        [3, 'root b1@3'],
      ]),
    );
    expect(chain.asked).toEqual([[1, 3], [], [1, 3]]);
  });

  it('takes in no root that a caller claims, and asks again before one is refused', async () => {
    const { chain, memory } = open();
    const forged = { height: 2, root: 'root forged' };
    const truth = new Map([[2, 'root b0@2']]);
    expect(await memory.findRoots([forged])).toEqual(truth);
    expect(await memory.findRoots([forged])).toEqual(truth);
    expect(await memory.findRoots([forged, question(chain, 2)])).toEqual(truth);
    expect(chain.asked).toEqual([[2], [2], [2]]);
  });

  it('keeps no more roots than it may, the oldest going first', async () => {
    const { chain, memory } = open(2);
    for (const height of [0, 1, 2]) await memory.findRoots([question(chain, height)]);
    expect(memory.size).toBe(2);
    await memory.findRoots([question(chain, 0), question(chain, 1), question(chain, 2)]);
    expect(chain.asked.at(-1)).toEqual([0]);
  });

  it('passes on a store that does not answer, and keeps what it had', async () => {
    const { chain, memory } = open();
    await memory.findRoots([question(chain, 1)]);
    const look = jest.spyOn(chain, 'look').mockImplementationOnce(() => {
      throw new Error('away');
    });
    const questions = [question(chain, 1)];
    await expect(Promise.resolve().then(() => memory.findRoots(questions))).rejects.toThrow('away');
    expect(await memory.findRoots(questions)).toEqual(new Map([[1, 'root b0@1']]));
    expect(look).toHaveBeenLastCalledWith('b0@3', []);
  });

  it('keeps nothing of an answer that was asked for under another block than the one it remembers by now', async () => {
    const chain = new ModelChain();
    const flights: (() => void)[] = [];
    const memory = new RootMemory(
      (anchor, heights) => new Promise((arrive) => flights.push(() => arrive(chain.look(anchor, heights)))),
    );
    const land = async <T>(asked: Promise<T>): Promise<T> => {
      flights.shift()?.();
      return asked;
    };
    await land(memory.findRoots([question(chain, 3)]));
    chain.reorg(0, 2);
    const left = { height: 4, root: 'root b1@4' };
    const [first, second] = [memory.findRoots([left]), memory.findRoots([question(chain, 0)])];
    expect(await land(first)).toEqual(new Map([[4, left.root]]));
    // The block under which both asked is still on the chain; the one that the first brought home is not.
    chain.reorg(2, 2);
    await land(second);
    const third = memory.findRoots([left]);
    await land(Promise.resolve());
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
    expect(await land(third)).toEqual(new Map([[4, 'root b2@4']]));
  });

  // The store is looked at some time after the question and its answer arrives some time after that, in any order, with reorgs between any two of these.
  it('answers with the chain of the moment of the look, whatever is in flight', async () => {
    // Whoever asks may claim the root of any branch: a wallet has its proofs from before the reorg.
    const claim = fc.record({ height: fc.nat(6), branch: fc.nat(3) });
    const ask = fc.record({ do: fc.constant('ask' as const), claims: fc.array(claim, { minLength: 1, maxLength: 4 }) });
    const step = fc.oneof(
      { weight: 3, arbitrary: ask },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('look' as const), which: fc.nat(3) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('arrive' as const), which: fc.nat(3) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('reorg' as const), depth: fc.nat(3), length: fc.nat(3) }) },
    );
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), runSteps), { numRuns: 2_000 });
  });
});

type Step =
  | { do: 'ask'; claims: { height: number; branch: number }[] }
  | { do: 'look' | 'arrive'; which: number }
  | { do: 'reorg'; depth: number; length: number };

interface Flight {
  readonly anchor: string | undefined;
  readonly heights: readonly number[];
  readonly arrive: (view: ChainView) => void;
  /** Set by the look: what came of it, and the whole chain as it was. */
  view: ChainView | undefined;
}

async function runSteps(steps: readonly Step[]): Promise<void> {
  const chain = new ModelChain();
  const waiting: Flight[] = [];
  let moment: readonly string[] = [];
  const memory = new RootMemory(
    (anchor, heights) => new Promise((arrive) => waiting.push({ anchor, heights, arrive, view: undefined })),
  );
  const moments = new Map<ChainView, readonly string[]>();
  const look = (flight: Flight | undefined): void => {
    if (!flight || flight.view) return;
    flight.view = chain.look(flight.anchor, flight.heights);
    moments.set(flight.view, chain.blocks);
  };
  const arrive = async (flight: Flight | undefined): Promise<void> => {
    if (!flight?.view) return;
    waiting.splice(waiting.indexOf(flight), 1);
    moment = moments.get(flight.view) ?? [];
    flight.arrive(flight.view);
    // Lets whoever waited for this view finish, or ask once more, before the next step.
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
  };
  const results: Promise<void>[] = [];
  const ask = async (claims: readonly { height: number; branch: number }[]): Promise<void> => {
    const questions = claims.map(({ height, branch }) => ({ height, root: `root b${branch}@${height}` }));
    const roots = await memory.findRoots(questions);
    for (const { height } of questions) {
      const block = moment[height];
      expect(roots.get(height)).toBe(block === undefined ? undefined : `root ${block}`);
    }
  };
  for (const step of steps) {
    if (step.do === 'ask') results.push(ask(step.claims));
    else if (step.do === 'reorg') chain.reorg(step.depth, step.length);
    else if (step.do === 'look') look(waiting[step.which % Math.max(1, waiting.length)]);
    else await arrive(waiting[step.which % Math.max(1, waiting.length)]);
  }
  for (let flight = waiting[0]; flight; flight = waiting[0]) {
    look(flight);
    await arrive(flight);
  }
  await Promise.all(results);
}
