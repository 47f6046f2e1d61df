import { commitTransition, commitTransitions, type CommitInput, type CommitOutcome, type Reliance } from '#ledger';
import type { Result } from '#atomic-core';
import { buildPlainTransaction, planPlainCommit, presentPlainCertificate, randomOutpoint, waitUntil } from '#testkit';
import type { DataSource } from 'typeorm';
import { openReplicas } from './open-replicas';

/** Merge size; `npm run test:race:full` plays 2,000. */
const ROUNDS = Number(process.env['RACE_REVOCATIONS'] ?? 200);
/** Rounds at once. */
const LANES = 4;

jest.setTimeout(900_000);

const replicas = openReplicas();

const planRelying = (...relies: readonly Reliance[]): CommitInput => ({
  ...planPlainCommit({ subject: buildPlainTransaction([randomOutpoint()]) }),
  relies,
});

/** As it waits alone, or first and last of a group. */
const commitAs = async (round: number, db: DataSource, input: CommitInput): Promise<Result<CommitOutcome>> => {
  if (round % 3 === 0) return commitTransition(db, input);
  const group = round % 3 === 1 ? [input, planRelying()] : [planRelying(), input];
  const ended = await commitTransitions(db, group);
  return ended.ok ? ended.value[group.indexOf(input)]! : ended;
};

interface Ending {
  readonly relied: Result<CommitOutcome>;
  readonly revoked: Result<CommitOutcome>;
}

/** Both were let past their guards when nobody had revoked anything. */
const play = async (round: number): Promise<Ending> => {
  const certificate = await presentPlainCertificate(replicas[0]);
  const subject = buildPlainTransaction([certificate.revocationOutpoint]);
  const [one, other] = round % 2 === 0 ? replicas : [replicas[1], replicas[0]];
  const [relied, revoked] = await Promise.all([
    commitAs(round, one, planRelying(certificate)),
    commitTransition(other, planPlainCommit({ subject })),
  ]);
  return { relied, revoked };
};

const leafOf = (ended: Result<CommitOutcome>): number => (ended.ok ? ended.value.leafIndex : Number.NaN);

it(`of ${ROUNDS} certificates that are revoked between guard and COMMIT, over two replicas, none is relied on after its revocation`, async () => {
  const endings: Ending[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < ROUNDS) endings.push(await play(next++));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  expect(endings.filter(({ revoked }) => !revoked.ok)).toEqual([]);
  // The audit is in the order of COMMITs.
  expect(endings.filter(({ relied, revoked }) => leafOf(relied) > leafOf(revoked))).toEqual([]);
  const refused = endings.flatMap(({ relied }) => (relied.ok ? [] : [relied.rejection.code]));
  expect([...new Set(refused)]).toEqual(['certificate-revoked']);
  // Each way round, or nothing was raced.
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(ROUNDS);
});

it('a revocation is not kept out by those who rely, however many go on to', async () => {
  const certificate = await presentPlainCertificate(replicas[0]);
  const subject = buildPlainTransaction([certificate.revocationOutpoint]);
  let accepted = 0;
  /** As long as it may, like one who holds a stolen key. */
  const rely = async (db: DataSource): Promise<string> => {
    for (;;) {
      const ended = await commitTransition(db, planRelying(certificate));
      if (!ended.ok) return ended.rejection.code;
      accepted += 1;
    }
  };
  const lanes = Array.from({ length: 2 * LANES }, (_, place) => rely(replicas[place % 2] as DataSource));
  await waitUntil('they are at it', () => accepted > LANES);
  const revoked = await commitTransition(replicas[1], planPlainCommit({ subject }));
  expect(revoked).toMatchObject({ ok: true });
  expect(await Promise.all(lanes)).toEqual(lanes.map(() => 'certificate-revoked'));
}, 60_000);
