import { randomUUID } from 'node:crypto';
import { buildPlainTransaction, createTestDatabase, outpointOf, planPlainCommit, randomOutpoint } from '#testkit';
import type { TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import type { CommitInput } from './commit-input';
import { commitTransition, commitTransitions } from './commit-transition';
import type { CommitOutcome } from './commit-transition';
import { findReplays, findTransition } from './find-transition';
import { fsck } from './fsck';

let database: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.dataSource;
}, 90_000);
afterAll(async () => {
  const broken = (await fsck(db)).filter(({ ok }) => !ok);
  await database.drop();
  expect(broken).toEqual([]);
});

const spending = (...outpoints: ReturnType<typeof randomOutpoint>[]): CommitInput =>
  planPlainCommit({ subject: buildPlainTransaction(outpoints) });
const commitAll = async (inputs: readonly CommitInput[]): Promise<readonly (CommitOutcome | string)[]> => {
  const committed = await commitTransitions(db, inputs);
  if (!committed.ok) throw new Error(committed.rejection.code);
  return committed.value.map((each) => (each.ok ? each.value : `${each.rejection.code}: ${each.rejection.detail}`));
};
const kindsOf = (answers: readonly (CommitOutcome | string)[]): string[] =>
  answers.map((answer) => (typeof answer === 'string' ? (answer.split(':')[0] ?? '') : answer.kind));

describe('a group of COMMITs', () => {
  it('answers each in its place, with leaves one after another', async () => {
    const inputs = Array.from({ length: 64 }, () => spending(randomOutpoint()));
    const answers = (await commitAll(inputs)) as CommitOutcome[];
    expect(answers.map(({ transitionId }) => transitionId)).toEqual(inputs.map(({ transition }) => transition.id));
    const first = answers[0]?.leafIndex ?? -1;
    expect(answers.map(({ leafIndex }) => leafIndex)).toEqual(answers.map((_, place) => first + place));
    expect(answers[5]?.receipt).toEqual((await findTransition(db, 'acme', inputs[5]?.transition.id ?? ''))?.receipt);
  });

  it('leaves no trace of what it refuses, and lets its neighbours stand', async () => {
    const coin = randomOutpoint();
    const [winner, loser, last] = [spending(coin), spending(randomOutpoint(), coin), spending(randomOutpoint())];
    const answers = await commitAll([winner, loser, last]);
    expect(kindsOf(answers)).toEqual(['applied', 'outpoint-spent', 'applied']);
    expect(answers[1]).toContain(winner.transition.txid);
    const [row] = await db.query<{ n: number }[]>(
      `select (select count(*) from portcullis.transaction where txid = decode($1, 'hex'))::int
        + (select count(*) from portcullis.spent_outpoint where spender_txid = decode($1, 'hex'))::int as n`,
      [Buffer.from(loser.transition.txid, 'hex').reverse().toString('hex')],
    );
    expect(row?.n).toBe(0);
    const [refused, stood] = answers.filter((answer) => typeof answer !== 'string');
    expect((stood?.leafIndex ?? 0) - (refused?.leafIndex ?? 0)).toBe(1);
  });

  it('replays a key that it holds already, refuses another body under it, and frees the key of what it refused', async () => {
    const coin = randomOutpoint();
    const held = spending(coin);
    const again = { ...held, transition: { ...held.transition, id: randomUUID() } };
    const other = planPlainCommit({
      subject: buildPlainTransaction([randomOutpoint()]),
      requestKey: held.transition.requestKey,
    });
    const refusedKey = randomUUID();
    const refused = planPlainCommit({ subject: buildPlainTransaction([coin]), requestKey: refusedKey });
    const second = planPlainCommit({ subject: buildPlainTransaction([randomOutpoint()]), requestKey: refusedKey });
    const answers = await commitAll([held, again, other, refused, second]);
    expect(kindsOf(answers)).toEqual(['applied', 'replayed', 'idempotency-conflict', 'outpoint-spent', 'applied']);
    expect((answers[1] as CommitOutcome).receipt).toEqual((answers[0] as CommitOutcome).receipt);
    const replays = await findReplays(
      db,
      'acme',
      [again, other, spending(randomOutpoint())].map(({ transition }) => transition),
    );
    expect(replays).toMatchObject([
      { ok: true, value: (answers[0] as CommitOutcome).receipt },
      { ok: false, rejection: { code: 'idempotency-conflict' } },
      { ok: true, value: undefined },
    ]);
  });

  it('applies a child that stands behind its parent and knew its coin; one that did not is told to plan again', async () => {
    const parent = buildPlainTransaction([randomOutpoint()], [600, 400]);
    const children = [0, 1].map((vout) => buildPlainTransaction([outpointOf(parent, vout)]));
    const [knowing, blind] = children.map((subject, vout) =>
      planPlainCommit({
        subject,
        ancestors: [parent],
        coins: vout === 0 ? [{ txid: parent.txid, vout, retain: false }] : [],
      }),
    ) as [CommitInput, CommitInput];
    expect(kindsOf(await commitAll([planPlainCommit({ subject: parent }), knowing, blind]))).toEqual([
      'applied',
      'applied',
      'coins-changed',
    ]);
  });

  it('answers as single COMMITs would: already applied by another request, whichever way it came', async () => {
    const single = spending(randomOutpoint());
    await commitTransition(db, single);
    const [both] = [single].map((input) => ({
      ...input,
      transition: { ...input.transition, id: randomUUID(), requestKey: randomUUID() },
    }));
    expect(kindsOf(await commitAll(both === undefined ? [] : [both]))).toEqual(['already-applied']);
  });

  it('stores nothing at all when one of its texts cannot be stored', async () => {
    const unstorable = { ...spending(randomOutpoint()), receipt: { note: 'a\u0000b' } };
    const neighbour = spending(randomOutpoint());
    expect(await commitTransitions(db, [neighbour, unstorable])).toMatchObject({
      ok: false,
      rejection: { code: 'request-malformed' },
    });
    expect(await findTransition(db, 'acme', neighbour.transition.id)).toBeUndefined();
  });
});
