import { commitTransition, commitTransitions, type CommitInput } from '#ledger';
import { planPlainCommit } from '#testkit';
import type { DataSource } from 'typeorm';
import { commitGroup } from '../../../src/submissions/commit-group';
import { CommitPool } from '../../../src/submissions/commit.pool';
import { GroupRoom } from '../../../src/submissions/group-room';
import { drive, type Pace } from './drive';
import { BENCH_TOPIC, type Overlay } from './open-overlay';
import type { Job, Work } from './work';

export const GROUP = 50;

const write = ({ subject, ancestors, coins }: Job, topic: string): CommitInput =>
  planPlainCommit({ subject, ancestors, coins, topic, basket: 'bench' });

const refuse = (detail: string): never => {
  throw new Error(`The bench was refused: ${detail}`);
};

/** The ledger alone: what has been verified and planned is committed, one statement a submission. */
export const paceLedger = async (
  database: DataSource,
  jobs: readonly Job[],
  clients: number,
  topic = BENCH_TOPIC,
): Promise<Pace> =>
  drive(
    jobs.map((job) => write(job, topic)),
    clients,
    async (input) => {
      const outcome = await commitTransition(database, input);
      if (!outcome.ok) refuse(outcome.rejection.detail);
    },
  );

/** As the gateway commits: who waits while a COMMIT is under way goes with the next. */
export const paceTogether = async (database: DataSource, jobs: readonly Job[], clients: number): Promise<Pace> => {
  const pool = new CommitPool({
    lanes: 1,
    openRoom: () => {
      const room = new GroupRoom();
      return (share) => room.take(share);
    },
    commit: (group) =>
      commitGroup(database, group, (error) => {
        throw error;
      }),
  });
  return drive(
    jobs.map((job) => write(job, BENCH_TOPIC)),
    clients,
    async (input) => {
      const outcome = await pool.commit(input);
      if (!outcome.ok) refuse(outcome.rejection.detail);
    },
  );
};

/** The same in groups: one statement for fifty submissions. Paces are of submissions. */
export const paceGroups = async (database: DataSource, jobs: readonly Job[], clients: number): Promise<Pace> => {
  const inputs = jobs.map((job) => write(job, BENCH_TOPIC));
  const groups: CommitInput[][] = [];
  for (let start = 0; start < inputs.length; start += GROUP) groups.push(inputs.slice(start, start + GROUP));
  const pace = await drive(groups, clients, async (group) => {
    const outcomes = await commitTransitions(database, group);
    if (!outcomes.ok) refuse(outcomes.rejection.detail);
    else for (const outcome of outcomes.value) if (!outcome.ok) refuse(outcome.rejection.detail);
  });
  return { ...pace, items: jobs.length, perSecond: (pace.perSecond * jobs.length) / groups.length };
};

/** `Engine.submit` as it is called by its HTTP server: it parses, verifies, asks the topic, broadcasts and stores. */
export const paceOverlay = ({ engine }: Overlay, jobs: readonly Job[], clients: number): Promise<Pace> =>
  drive(jobs, clients, async ({ beef, coins }) => {
    const steak = await engine.submit({ beef: [...beef], topics: [BENCH_TOPIC] });
    const told = steak[BENCH_TOPIC];
    if (told?.outputsToAdmit.length !== 2)
      refuse(`overlay admitted ${JSON.stringify(steak)} with ${coins.length} coins`);
  });

/** Issues and then their transfers, as one figure: what a topic sees is both. */
export const both = async (work: Work, pace: (jobs: readonly Job[]) => Promise<Pace>): Promise<Pace> => {
  const [issued, transferred] = [await pace(work.issues), await pace(work.transfers)];
  const items = issued.items + transferred.items;
  const seconds = issued.items / issued.perSecond + transferred.items / transferred.perSecond;
  return {
    perSecond: items / seconds,
    items,
    clients: issued.clients,
    medianMs: (issued.medianMs + transferred.medianMs) / 2,
    slowestMs: Math.max(issued.slowestMs, transferred.slowestMs),
  };
};
