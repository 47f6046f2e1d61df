import { randomUUID } from 'node:crypto';
import {
  buildPlainTransaction,
  createTestDatabase,
  outpointOf,
  plainBump,
  planPlainCommit,
  plantBlock,
  randomOutpoint,
} from '#testkit';
import type { PlainPlan, PlainTransaction, TestDatabase } from '#testkit';
import { commitTransition } from './commit-transition';
import { findApplied, findReserved, listLeavingBaskets, listRivals } from './foresee-commit';
import { findCoins } from './find-outputs';
import { reserveOutputs } from './reservations';
import { retractRivals } from './retract-rivals';
import { retractTransition } from './retract-transition';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
}, 90_000);
afterAll(() => database.drop());

const apply = async (subject: PlainTransaction, plan: Partial<PlainPlan> = {}): Promise<PlainTransaction> => {
  const outcome = await commitTransition(database.dataSource, planPlainCommit({ subject, ...plan }));
  expect(outcome).toMatchObject({ ok: true });
  return subject;
};
const coinOf = ({ txid }: PlainTransaction, vout = 0) => ({ txid, vout, retain: false });

describe('what the COMMIT would find', () => {
  it('names each rival once, and whether a proof would have it retracted', async () => {
    const [one, two] = [randomOutpoint(), randomOutpoint()];
    const rival = await apply(buildPlainTransaction([one, two]));
    const { spends } = planPlainCommit({ subject: buildPlainTransaction([one, two]) });
    expect(await listRivals(database.dataSource, spends)).toEqual([{ txid: rival.txid, canLeave: true }]);
    expect(await listRivals(database.dataSource, planPlainCommit({ subject: rival }).spends)).toEqual([]);

    const child = buildPlainTransaction([outpointOf(rival)]);
    const bump = plainBump(await plantBlock(database.owner, 7, child.txid));
    await apply({ ...child, bump }, { coins: [coinOf(rival)] });
    expect(await listRivals(database.dataSource, spends)).toEqual([{ txid: rival.txid, canLeave: false }]);
    expect(await retractRivals(database.dataSource, spends)).toEqual([]);
  });

  it('counts the coins that a rival holds as free where the rival would leave', async () => {
    const parent = await apply(buildPlainTransaction([randomOutpoint()]));
    const rival = await apply(buildPlainTransaction([outpointOf(parent)]), { coins: [coinOf(parent)] });
    const outpoints = [outpointOf(parent)];
    expect(await findCoins(database.dataSource, 'tm_test', outpoints)).toEqual([]);
    const freed = await findCoins(database.dataSource, 'tm_test', outpoints, [rival.txid]);
    expect(freed).toMatchObject([{ txid: parent.txid, inputIndex: 0 }]);
    // As it is once the rival has left.
    await retractTransition(database.dataSource, rival.txid, 'a test');
    expect(await findCoins(database.dataSource, 'tm_test', outpoints)).toEqual(freed);
  });

  it('says what is applied, and whose basket an output is in, as the COMMIT does', async () => {
    const subject = await apply(buildPlainTransaction([randomOutpoint()]));
    const asked = { organisation: 'acme', txid: subject.txid, topics: ['tm_test'], baskets: [] };
    const compare = async (state: Parameters<typeof findApplied>[1], plan: Partial<PlainPlan>): Promise<void> => {
      const foreseen = await findApplied(database.dataSource, state);
      expect(foreseen.ok).toBe(false);
      expect(await commitTransition(database.dataSource, planPlainCommit({ subject, ...plan }))).toEqual(foreseen);
    };
    await compare(asked, {});
    const elsewhere = { ...asked, topics: ['tm_other'], baskets: [{ vout: 0, basket: 'goods' }] };
    // Another organisation keeps it in a basket of its own (BRC-46).
    expect(await findApplied(database.dataSource, { ...elsewhere, organisation: 'other' })).toEqual({ ok: true });
    await apply(subject, { topic: 'tm_third', organisation: 'other' });
    const moved = { ...elsewhere, baskets: [{ vout: 0, basket: 'other' }] };
    await compare(moved, { topic: 'tm_other', basket: 'other' });
    expect(await findApplied(database.dataSource, elsewhere)).toEqual({ ok: true });
    await apply(subject, { topic: 'tm_other' });
  });

  it('says what is reserved for another identity, as the COMMIT does', async () => {
    const db = database.dataSource;
    const kept = await apply(buildPlainTransaction([randomOutpoint()]), { basket: 'held' });
    const [id, holder] = [randomUUID(), 'key of the holder'];
    const request = { id, organisation: 'acme', identityKey: holder, basket: 'held', ttlMs: 60_000 };
    expect(await reserveOutputs(db, { ...request, want: { outputs: 1 } })).toMatchObject({ ok: true });
    const input = planPlainCommit({ subject: buildPlainTransaction([outpointOf(kept)]), coins: [coinOf(kept)] });
    const spender = { organisation: 'acme', identityKey: input.transition.identityKey };
    const foreseen = await findReserved(db, spender, input.spends);
    expect(foreseen).toMatchObject({ ok: false, rejection: { code: 'output-reserved' } });
    expect(await commitTransition(db, input)).toEqual(foreseen);
    for (const free of [
      { ...spender, identityKey: holder },
      { ...spender, reservation: id },
    ]) {
      expect(await findReserved(db, free, input.spends)).toEqual({ ok: true });
    }
    expect(await findReserved(db, { ...spender, organisation: 'other' }, input.spends)).toEqual({ ok: true });
  });

  it("lists what would leave the organisation's own baskets", async () => {
    const mine = await apply(buildPlainTransaction([randomOutpoint()], [1, 2]));
    const theirs = await apply(buildPlainTransaction([randomOutpoint()]), { organisation: 'other' });
    const spender = buildPlainTransaction([outpointOf(mine, 1), outpointOf(theirs), randomOutpoint()]);
    const { spends } = planPlainCommit({ subject: spender });
    const leaving = await listLeavingBaskets(database.dataSource, 'acme', spends);
    expect(leaving).toEqual([{ basket: 'goods', outpoint: `${mine.txid}.1` }]);
    const coins = [coinOf(mine, 1), coinOf(theirs)];
    const outcome = await commitTransition(database.dataSource, planPlainCommit({ subject: spender, coins }));
    expect(outcome).toMatchObject({ value: { receipt: { basketsRemoved: leaving } } });
    expect(await listLeavingBaskets(database.dataSource, 'acme', spends)).toEqual([]);
  });
});
