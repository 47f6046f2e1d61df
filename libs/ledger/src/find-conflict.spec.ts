import {
  buildPlainTransaction,
  createTestDatabase,
  outpointOf,
  plainBump,
  planPlainCommit,
  plantBlock,
  randomOutpoint,
} from '#testkit';
import type { PlainTransaction, TestDatabase } from '#testkit';
import { commitTransition } from './commit-transition';
import { findConflict } from './find-conflict';
import { retractTransition } from './retract-transition';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
}, 90_000);
afterAll(() => database.drop());

const apply = async (subject: PlainTransaction): Promise<PlainTransaction> => {
  expect(await commitTransition(database.dataSource, planPlainCommit({ subject }))).toMatchObject({ ok: true });
  return subject;
};
const explain = (subject: PlainTransaction, ancestors: readonly PlainTransaction[] = []) => {
  const { transactions, spends } = planPlainCommit({ subject, ancestors });
  return findConflict(database.dataSource, transactions, spends);
};

describe('findConflict', () => {
  it('finds nothing where nothing is spent or refused', async () => {
    const parent = await apply(buildPlainTransaction([randomOutpoint()]));
    expect(await explain(buildPlainTransaction([outpointOf(parent)]), [parent])).toEqual({ ok: true });
    expect(await explain(parent)).toEqual({ ok: true });
  });

  it('names the winner of an outpoint', async () => {
    const outpoint = randomOutpoint();
    const winner = await apply(buildPlainTransaction([outpoint]));
    const loser = buildPlainTransaction([randomOutpoint(), outpoint]);
    const child = buildPlainTransaction([outpointOf(loser)]);
    const at = { txid: loser.txid, input: 1 };
    const spent = { rejection: { code: 'outpoint-spent', detail: expect.stringContaining(winner.txid), at } };
    expect(await explain(loser)).toMatchObject(spent);
    expect(await explain(child, [loser])).toMatchObject(spent);
  });

  it('names the ancestor that was refused, however far up, and before any winner', async () => {
    const outpoint = randomOutpoint();
    await apply(buildPlainTransaction([outpoint]));
    const parent = await apply(buildPlainTransaction([randomOutpoint()]));
    await retractTransition(database.dataSource, parent.txid, 'refused');
    const child = buildPlainTransaction([outpointOf(parent), outpoint]);
    const at = { txid: parent.txid };
    const retracted = { rejection: { code: 'parent-retracted', detail: expect.stringContaining(parent.txid), at } };
    expect(await explain(child, [parent])).toMatchObject(retracted);
    expect(await explain(child)).toMatchObject(retracted);
    expect(await explain(buildPlainTransaction([outpointOf(child)]), [parent, child])).toMatchObject(retracted);
    expect(await explain(parent)).toMatchObject(retracted);
  });

  it('does not hold a refusal against a parent that comes with its proof', async () => {
    const parent = await apply(buildPlainTransaction([randomOutpoint()]));
    await retractTransition(database.dataSource, parent.txid, 'refused');
    const proven = { ...parent, bump: plainBump(await plantBlock(database.owner, 9, parent.txid)) };
    expect(await explain(buildPlainTransaction([outpointOf(parent)]), [proven])).toEqual({ ok: true });
  });
});
