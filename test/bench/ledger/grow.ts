import { fillLedger } from '#testkit';
import type { CurveBinding } from '../curve-binding';
import { median } from '../race';
import { announce } from '../report';
import type { BenchServer } from './open-server';
import { paceLedger } from './race-ledger';
import { makeWork, storeChain } from './work';

export interface LedgerGrowth {
  readonly outputs: readonly [number, number];
  /** Microseconds of one COMMIT, median of the rounds. */
  readonly us: readonly [number, number];
  /** Median of the ratios of the rounds. */
  readonly factor: number;
}

/** The topic of what `fillLedger` admits. */
const FILLED_TOPIC = 'tm_test';
const SMALL = 10_000;
const ROUNDS = 7;
const CHUNK = 50_000;

const openFilled = async (server: BenchServer, outputs: number) => {
  const ledger = await server.createLedger(`filled_${String(outputs)}`, 2);
  for (let from = 1; from <= outputs; from += CHUNK) {
    await fillLedger(ledger.owner, from, Math.min(outputs, from + CHUNK - 1));
    announce(`filling a ledger: ${String(Math.min(outputs, from + CHUNK - 1))} of ${String(outputs)} outputs`);
  }
  await ledger.owner.query('analyze');
  return ledger;
};

/** The same COMMITs into a small ledger and into a grown one, in turns. */
export const measureGrowth = async (
  server: BenchServer,
  curve: CurveBinding,
  { grown, count }: { readonly grown: number; readonly count: number },
): Promise<LedgerGrowth> => {
  const [small, large] = [await openFilled(server, SMALL), await openFilled(server, grown)];
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const work = makeWork(curve, count, `growth ${String(round)}`);
    const places = round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const place of places) {
      const { database, owner } = place === 0 ? small : large;
      if (round === 0) await storeChain(owner, makeWork(curve, count, 'growth chain'));
      // Its block is not on the chain of this ledger: what is measured needs no proof.
      const jobs = work.issues.map((job) => ({ ...job, ancestors: [] }));
      const pace = await paceLedger(database, jobs, 1, FILLED_TOPIC);
      // The first round makes the plans and fills the caches.
      if (round > 0) times[place].push(1e6 / pace.perSecond);
    }
  }
  const factor = median(times[1].map((us, round) => us / (times[0][round] ?? us)));
  return { outputs: [SMALL, grown], us: [median(times[0]), median(times[1])], factor };
};
