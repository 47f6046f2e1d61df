import { randomUUID } from 'node:crypto';
import { makeOutpoint, readOutpoint, sha256 } from '#atomic-core';
import { commitTransition, findCoins, findOrCreateQuote, findTransition, fsck, retractTransition } from '#ledger';
import type { CommitInput } from '#ledger';
import { buildPlainTransaction, createTestDatabase, outpointOf, planPlainCommit, randomOutpoint } from '#testkit';
import type { TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';

/** Merge size; RELIABILITY §5 has the nightly figures. */
const ROUNDS = Number(process.env['RACE_ROUNDS'] ?? 200);

jest.setTimeout(180_000);

let database: TestDatabase;
let left: DataSource;
let right: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  left = database.dataSource;
  right = await database.openPool();
}, 90_000);
afterEach(async () => {
  expect((await fsck(left)).filter(({ ok }) => !ok)).toEqual([]);
});
afterAll(() => database.drop());

/** Two replicas, released together. What each answers is `applied`, `replayed` or a code. */
const race = async (first: CommitInput, second: CommitInput): Promise<string[]> => {
  const outcomes = await Promise.all([commitTransition(left, first), commitTransition(right, second)]);
  return outcomes.map((outcome) => (outcome.ok ? outcome.value.kind : outcome.rejection.code));
};
const rounds = async (play: (round: number) => Promise<void>): Promise<void> => {
  for (let round = 0; round < ROUNDS; round += 1) await play(round);
};
const spending = (...outpoints: ReturnType<typeof randomOutpoint>[]): CommitInput =>
  planPlainCommit({ subject: buildPlainTransaction(outpoints) });
const quote = async (requestDigest: Uint8Array): Promise<string> =>
  (
    await findOrCreateQuote(left, {
      prefix: randomUUID(),
      organisation: 'acme',
      identityKey: 'key of acme',
      requestDigest,
      method: 'POST',
      path: '/v1/submissions',
      satoshis: 200,
      ttlMs: 600_000,
    })
  ).prefix;
const digest = (): Buffer => sha256(Buffer.from(randomUUID()));

describe('two replicas race', () => {
  it('R1: one outpoint has one spender, and the loser is told who', async () => {
    await rounds(async () => {
      const outpoint = randomOutpoint();
      const inputs = [spending(outpoint), spending(outpoint)] as const;
      const outcomes = await Promise.all([commitTransition(left, inputs[0]), commitTransition(right, inputs[1])]);
      const winner = outcomes.findIndex(({ ok }) => ok);
      const loser = outcomes[1 - winner];
      expect(loser).toMatchObject({ ok: false, rejection: { code: 'outpoint-spent' } });
      expect(loser?.ok === false && loser.rejection.detail).toContain(inputs[winner]?.transition.txid);
    });
  });

  it('R2: one submission sent twice is applied once and answered twice alike', async () => {
    await rounds(async () => {
      const input = spending(randomOutpoint());
      const retry = { ...input, transition: { ...input.transition, id: randomUUID() } };
      const outcomes = await Promise.all([commitTransition(left, input), commitTransition(right, retry)]);
      const values = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
      expect(values.map(({ kind }) => kind).sort()).toEqual(['applied', 'replayed']);
      expect(values[0]?.receipt).toEqual(values[1]?.receipt);
    });
  });

  it('R3: overlapping sets in opposite order have one winner and no deadlock', async () => {
    await rounds(async () => {
      const [a, b, c] = [randomOutpoint(), randomOutpoint(), randomOutpoint()];
      expect((await race(spending(a, b, c), spending(c, b, a))).sort()).toEqual(['applied', 'outpoint-spent']);
    });
    const [{ deadlocks }] = await database.owner.query(
      'select deadlocks::int from pg_stat_database where datname = current_database()',
    );
    expect(deadlocks).toBe(0);
  });

  it('R4: one payment pays for one of two requests', async () => {
    await rounds(async () => {
      const payment = buildPlainTransaction([randomOutpoint()], [200]);
      const submit = async (): Promise<CommitInput> => {
        const requestDigest = digest();
        const paid = { transaction: payment, vout: 0, prefix: await quote(requestDigest) };
        return planPlainCommit({ subject: buildPlainTransaction([randomOutpoint()]), requestDigest, payment: paid });
      };
      expect((await race(await submit(), await submit())).sort()).toEqual(['applied', 'payment-already-spent']);
    });
  });

  it('R5: two outputs of one payment transaction pay for two requests', async () => {
    await rounds(async () => {
      const payment = buildPlainTransaction([randomOutpoint()], [200, 200]);
      const submit = async (vout: number): Promise<CommitInput> => {
        const requestDigest = digest();
        const paid = { transaction: payment, vout, prefix: await quote(requestDigest) };
        return planPlainCommit({ subject: buildPlainTransaction([randomOutpoint()]), requestDigest, payment: paid });
      };
      expect(await race(await submit(0), await submit(1))).toEqual(['applied', 'applied']);
    });
  });

  it('R7: one key with two bodies is applied once', async () => {
    await rounds(async () => {
      const requestKey = randomUUID();
      const submit = (): CommitInput =>
        planPlainCommit({ subject: buildPlainTransaction([randomOutpoint()]), requestKey });
      expect((await race(submit(), submit())).sort()).toEqual(['applied', 'idempotency-conflict']);
    });
  });

  it('R9: a child and its parent at once: the child knows its coin, or is asked to plan again, or was first', async () => {
    const seen = new Set<string>();
    await rounds(async () => {
      const parent = buildPlainTransaction([randomOutpoint()]);
      const child = buildPlainTransaction([outpointOf(parent)]);
      const plan = { subject: child, ancestors: [parent] };
      const [first, second] = await race(planPlainCommit({ subject: parent }), planPlainCommit(plan));
      seen.add(second ?? '');
      expect(first).toBe('applied');
      if (second === 'coins-changed') {
        const coins = (await findCoins(right, 'tm_test', child.spends)).map(({ txid, vout }) => ({
          txid,
          vout,
          retain: false,
        }));
        expect(coins).toHaveLength(1);
        expect(await commitTransition(right, planPlainCommit({ ...plan, coins }))).toMatchObject({ ok: true });
      } else expect(second).toBe('applied');
      expect(await findCoins(left, 'tm_test', child.spends)).toEqual([]);
    });
    expect([...seen].every((outcome) => ['applied', 'coins-changed'].includes(outcome))).toBe(true);
  });

  it('R10: no child outlives a parent that is retracted meanwhile', async () => {
    await rounds(async () => {
      const parent = buildPlainTransaction([randomOutpoint()]);
      await commitTransition(left, planPlainCommit({ subject: parent }));
      const child = buildPlainTransaction([outpointOf(parent)]);
      const coins = [{ txid: parent.txid, vout: 0, retain: false }];
      const [committed, retracted] = await Promise.all([
        commitTransition(left, planPlainCommit({ subject: child, ancestors: [parent], coins })),
        retractTransition(right, parent.txid, 'double spent'),
      ]);
      const settlement = (await findTransition(left, 'acme', child.txid))?.settlement;
      if (committed.ok) {
        expect(settlement).toBe('retracted');
        expect(retracted).toEqual([child.txid, parent.txid]);
      } else {
        expect(committed.rejection.code).toBe('parent-retracted');
        expect([settlement, retracted]).toEqual([undefined, [parent.txid]]);
      }
    });
  });

  it('keeps the audit dense while many replicas append', async () => {
    const shared = randomOutpoint();
    const { txid } = readOutpoint(shared);
    const inputs = Array.from({ length: ROUNDS }, (_, vout) => spending(makeOutpoint(txid, vout)));
    const outcomes = await Promise.all(
      inputs.map((input, index) => commitTransition(index % 2 === 0 ? left : right, input)),
    );
    const leaves = outcomes.map((outcome) => (outcome.ok ? outcome.value.leafIndex : -1)).sort((a, b) => a - b);
    expect(leaves.at(-1)).toBe((leaves[0] ?? 0) + ROUNDS - 1);
  });
});
