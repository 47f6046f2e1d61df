import { sha256 } from '#atomic-core';
import {
  buildPlainTransaction,
  createTestDatabase,
  outpointOf,
  plainBump,
  planPlainCommit,
  plantBlock,
  randomOutpoint,
} from '#testkit';
import type { PlainBlock, PlainTransaction, TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { claimPayment } from './claim-payment';
import { commitTransition } from './commit-transition';
import { findTransition, listSettlementEvents } from './find-transition';
import { fsck } from './fsck';
import { listDueOutboxRows } from './outbox';
import { findOrCreateQuote } from './quotes';
import { rewindBlocks } from './settlement';

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

let height = 500;

const buildProven = async (satoshis = [1_000]): Promise<{ subject: PlainTransaction; block: PlainBlock }> => {
  const unproven = buildPlainTransaction([randomOutpoint()], satoshis);
  const block = await plantBlock(database.owner, (height += 1), unproven.txid);
  return { subject: { ...unproven, bump: plainBump(block) }, block };
};
const orphan = async (block: PlainBlock): Promise<void> => {
  await plantBlock(database.owner, block.height, '33'.repeat(32));
  await db.transaction((manager) => rewindBlocks(manager, [block.hash]));
};
const describeTransition = async (idOrTxid: string) => {
  const found = await findTransition(db, 'acme', idOrTxid);
  const events = await listSettlementEvents(db, 'acme', found?.id ?? '');
  return { found, history: events.map(({ settlement, detail }) => [settlement, detail]) };
};
const listOpenRows = async ({ txid }: PlainTransaction): Promise<unknown[]> => {
  const due = new Set((await listDueOutboxRows(db, 10_000)).map(({ id }) => id));
  const rows = await db.query<{ id: string; key: string }[]>('select id, dedupe_key as key from portcullis.outbox');
  return rows.filter(({ id, key }) => due.has(id) && key.endsWith(txid)).map(({ key }) => key);
};
const openTerms = (prefix: string, requestDigest: Uint8Array) =>
  findOrCreateQuote(db, {
    prefix,
    organisation: 'acme',
    identityKey: 'key of acme',
    requestDigest,
    method: 'POST',
    path: '/',
    satoshis: 200,
    ttlMs: 60_000,
  });

describe('what comes with its proof', () => {
  it('is mined by the COMMIT that applies it, with its history and nothing left to send', async () => {
    const { subject, block } = await buildProven();
    const input = planPlainCommit({ subject });
    expect(await commitTransition(db, input)).toMatchObject({ ok: true, value: { kind: 'applied' } });
    const { found, history } = await describeTransition(input.transition.id);
    expect(found).toMatchObject({ settlement: 'mined', proof: { blockHash: block.hash, height: block.height } });
    expect(history).toEqual([
      ['applied', {}],
      ['mined', { blockHash: block.hash, height: block.height }],
    ]);
    expect(await listOpenRows(subject)).toEqual([]);
    expect(await commitTransition(db, input)).toMatchObject({ ok: true, value: { kind: 'replayed' } });
    expect((await describeTransition(input.transition.id)).history).toHaveLength(2);
  });

  it('is refused whole when its block left the best chain since it was judged', async () => {
    const { subject, block } = await buildProven();
    await orphan(block);
    expect(await commitTransition(db, planPlainCommit({ subject }))).toMatchObject({
      ok: false,
      rejection: { code: 'chain-unsettled' },
    });
    expect(await findTransition(db, 'acme', subject.txid)).toBeUndefined();
  });

  it('goes back to polling when its block is orphaned afterwards', async () => {
    const { subject, block } = await buildProven();
    await commitTransition(db, planPlainCommit({ subject }));
    await orphan(block);
    expect((await describeTransition(subject.txid)).history.map(([settlement]) => settlement)).toEqual([
      'applied',
      'mined',
      'seen',
    ]);
    expect(await listOpenRows(subject)).toEqual([`proof:${subject.txid}`]);
  });

  it('is never called mined by a block that is on the best chain no more, whoever stored the proof', async () => {
    const { subject, block } = await buildProven();
    await commitTransition(db, planPlainCommit({ subject }));
    // The header went and its proofs were not taken back: what a broken reorg would leave.
    await plantBlock(database.owner, block.height, '44'.repeat(32));
    const elsewhere = planPlainCommit({ subject: { ...subject, bump: undefined }, topic: 'tm_other' });
    await commitTransition(db, elsewhere);
    expect((await describeTransition(elsewhere.transition.id)).found?.settlement).toBe('applied');
    await db.transaction((manager) => rewindBlocks(manager, [block.hash]));
  });

  it('settles those who applied it before without a proof, and those who join it afterwards', async () => {
    const { subject } = await buildProven();
    const inputs = ['tm_one', 'tm_two', 'tm_three'].map((topic, place) =>
      planPlainCommit({ subject: { ...subject, bump: place === 1 ? subject.bump : undefined }, topic }),
    );
    for (const input of inputs) expect(await commitTransition(db, input)).toMatchObject({ ok: true });
    for (const { transition } of inputs) {
      const { history } = await describeTransition(transition.id);
      expect(history.map(([settlement]) => settlement)).toEqual(['applied', 'mined']);
    }
    expect(await listOpenRows(subject)).toEqual([]);
  });

  it('settles an ancestor that waited for the proof that its child now brings', async () => {
    const { subject: parent } = await buildProven();
    await commitTransition(db, planPlainCommit({ subject: { ...parent, bump: undefined } }));
    const child = buildPlainTransaction([outpointOf(parent)]);
    const coins = [{ txid: parent.txid, vout: 0, retain: false }];
    expect(await commitTransition(db, planPlainCommit({ subject: child, ancestors: [parent], coins }))).toMatchObject({
      ok: true,
    });
    expect((await describeTransition(parent.txid)).found?.settlement).toBe('mined');
    expect((await describeTransition(child.txid)).found?.settlement).toBe('applied');
  });

  it('is as true of payments, in a submission as alone', async () => {
    const [one, two] = [await buildProven([200]), await buildProven([200])];
    const digests = [sha256(Buffer.of(1)), sha256(Buffer.of(2))] as const;
    await openTerms('terms one', digests[0]);
    await openTerms('terms two', digests[1]);
    const subject = buildPlainTransaction([randomOutpoint()]);
    const paid = { transaction: one.subject, vout: 0, prefix: 'terms one' };
    const input = planPlainCommit({ subject, requestDigest: digests[0], payment: paid });
    expect(await commitTransition(db, input)).toMatchObject({ ok: true });
    expect((await describeTransition(subject.txid)).found).toMatchObject({
      settlement: 'applied',
      payment: { settlement: 'mined' },
    });
    const outpoint = outpointOf(two.subject);
    const claimed = await claimPayment(db, {
      outpoint,
      prefix: 'terms two',
      satoshis: 200,
      organisation: 'acme',
      identityKey: 'key of acme',
      requestDigest: digests[1],
      transactions: [two.subject],
      spends: two.subject.spends.map((spend) => ({ outpoint: spend, spenderTxid: two.subject.txid })),
      outbox: [{ kind: 'proof', dedupeKey: `proof:${two.subject.txid}`, payload: { txid: two.subject.txid } }],
      leaf: Buffer.from('leaf'),
    });
    expect(claimed).toEqual({ ok: true, value: 'claimed' });
    const [row] = await db.query<unknown[]>('select settlement from portcullis.payment_claim where outpoint = $1', [
      outpoint,
    ]);
    expect(row).toEqual({ settlement: 'mined' });
    expect(await listOpenRows(two.subject)).toEqual([]);
  });
});
