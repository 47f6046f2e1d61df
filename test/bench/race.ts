/** One thing to time. `perCall`: how many items one call works off; what is printed is per item. */
export interface Contender {
  readonly name: string;
  readonly perCall?: number;
  readonly run: () => unknown;
}

/** Microseconds per item. CPU time is the process's own, so that a busy neighbour spoils it less than it spoils the wall clock. */
export interface Timing {
  readonly name: string;
  readonly cpuUs: number;
  readonly wallUs: number;
  readonly calls: number;
  /** CPU microseconds per item, one for each round. */
  readonly rounds: readonly number[];
}

export interface RaceSettings {
  readonly rounds: number;
  /** How long one contender runs in one round, at least one call. */
  readonly sampleMs: number;
  readonly warmUpMs: number;
}

interface Runner {
  readonly contender: Contender;
  calls: number;
  readonly cpu: number[];
  readonly wall: number[];
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

const runCalls = async ({ run }: Contender, calls: number): Promise<void> => {
  for (let call = 0; call < calls; call += 1) {
    const result = run();
    if (result instanceof Promise) await result;
  }
};

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/**
 * A cold process runs at half its speed: code is made hot first, and the same calls say how many of them a sample needs. By CPU time: on a busy machine a
 * second of the clock may hold a tenth of one's own.
 */
const warmUp = async (contender: Contender, { sampleMs, warmUpMs }: RaceSettings): Promise<Runner> => {
  const startedAt = cpuMs();
  let fastestMs = Infinity;
  do {
    const callAt = performance.now();
    await runCalls(contender, 1);
    fastestMs = Math.min(fastestMs, performance.now() - callAt);
  } while (cpuMs() - startedAt < warmUpMs);
  return { contender, calls: Math.max(1, Math.round(sampleMs / fastestMs)), cpu: [], wall: [] };
};

const sample = async ({ contender, calls, cpu, wall }: Runner): Promise<void> => {
  const items = calls * (contender.perCall ?? 1);
  const before = cpuMs();
  const startedAt = performance.now();
  await runCalls(contender, calls);
  wall.push(((performance.now() - startedAt) * 1_000) / items);
  cpu.push(((cpuMs() - before) * 1_000) / items);
};

/** Times all contenders in turn, round after round, every other round backwards: whatever disturbs the machine for a while disturbs all of them. */
export const race = async (contenders: readonly Contender[], settings: RaceSettings): Promise<Timing[]> => {
  const runners: Runner[] = [];
  for (const contender of contenders) runners.push(await warmUp(contender, settings));
  for (let round = 0; round < settings.rounds; round += 1) {
    for (const runner of round % 2 === 0 ? runners : [...runners].reverse()) await sample(runner);
  }
  return runners.map(({ contender, calls, cpu, wall }) => ({
    name: contender.name,
    cpuUs: median(cpu),
    wallUs: median(wall),
    calls,
    rounds: cpu,
  }));
};

export interface Ratio {
  /** Median over the rounds, by CPU time. */
  readonly cpu: number;
  readonly wall: number;
  /** Lowest and highest of the rounds, by CPU time. */
  readonly low: number;
  readonly high: number;
}

/** How many times faster `fast` is than `slow`. */
export const ratioOf = (slow: Timing, fast: Timing): Ratio => {
  const ratios = slow.rounds.map((value, round) => value / fast.rounds[round]!);
  return {
    cpu: median(ratios),
    wall: slow.wallUs / fast.wallUs,
    low: Math.min(...ratios),
    high: Math.max(...ratios),
  };
};
