import type { Txid } from '#atomic-core';
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
import type { DataSource } from 'typeorm';
import { commitTransition } from './commit-transition';
import { findGraph } from './find-graph';
import { findTransition, listSettlementEvents } from './find-transition';
import { fsck } from './fsck';
import { claimOutboxRow, listDueOutboxRows } from './outbox';
import { retractTransition } from './retract-transition';
import { applyProof, finalise, recordSettlement, rewindBlocks } from './settlement';

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

let height = 100;
const nextHeight = (): number => (height += 1);

const issue = async (parents: readonly PlainTransaction[] = []): Promise<PlainTransaction> => {
  const subject = buildPlainTransaction(
    parents.length > 0 ? parents.map((parent) => outpointOf(parent)) : [randomOutpoint()],
  );
  const committed = await commitTransition(db, planPlainCommit({ subject, ancestors: parents }));
  if (!committed.ok) throw new Error(committed.rejection.detail);
  return subject;
};
const settlementOf = async (txid: Txid) => (await findTransition(db, 'acme', txid))?.settlement;
const historyOf = async (txid: Txid) => {
  const transition = await findTransition(db, 'acme', txid);
  return (await listSettlementEvents(db, 'acme', transition?.id ?? '')).map(({ settlement }) => settlement);
};
const prove = async ({ txid }: PlainTransaction) => {
  const block = await plantBlock(database.owner, nextHeight(), txid);
  const { bytes } = plainBump(block);
  const proof = { txid, bump: bytes, blockHash: block.hash, height: block.height };
  return { block, proof, outcome: await applyProof(db, proof) };
};

describe('settlement', () => {
  it('moves along the table, each step once, whatever the order of the answers', async () => {
    const { txid } = await issue();
    expect(await recordSettlement(db, txid, 'broadcast-accepted', { status: 'RECEIVED' })).toBe(1);
    expect(await recordSettlement(db, txid, 'broadcast-accepted')).toBe(0);
    expect(await recordSettlement(db, txid, 'seen')).toBe(1);
    expect(await recordSettlement(db, txid, 'broadcast-accepted')).toBe(0);
    expect(await historyOf(txid)).toEqual(['applied', 'broadcast', 'seen']);
  });

  it('applies a proof once, frees the waiting rows, and lets nothing undo it', async () => {
    const subject = await issue();
    const { proof, outcome, block } = await prove(subject);
    expect(outcome).toBe('applied');
    expect(await applyProof(db, proof)).toBe('unchanged');
    expect(await recordSettlement(db, subject.txid, 'seen')).toBe(0);
    expect(await retractTransition(db, subject.txid, 'late refusal')).toEqual([]);
    expect(await findTransition(db, 'acme', subject.txid)).toMatchObject({
      settlement: 'mined',
      proof: { blockHash: block.hash, height: block.height },
    });
    const due = await listDueOutboxRows(db, 1_000);
    const rows = await db.query('select id from portcullis.outbox where dedupe_key = $1', [
      `broadcast:${subject.txid}`,
    ]);
    expect(due.map(({ id }) => id)).not.toContain(rows[0].id);
    expect((await findGraph(db, subject.txid)).map(({ txid, bump }) => [txid, bump?.root])).toEqual([
      [subject.txid, subject.txid],
    ]);
  });

  it('refuses a proof of a block that is not on the best chain and of a transaction that nobody submitted', async () => {
    const subject = await issue();
    const block = await plantBlock(database.owner, nextHeight(), subject.txid);
    await plantBlock(database.owner, block.height, '11'.repeat(32));
    const proof = { txid: subject.txid, bump: Buffer.of(1), blockHash: block.hash, height: block.height };
    expect(await applyProof(db, proof)).toBe('off-chain');
    const stranger = buildPlainTransaction([randomOutpoint()]);
    expect(await applyProof(db, { ...proof, txid: stranger.txid })).toBe('unknown');
    expect(await db.query('select from portcullis.transaction where raw = $1', [stranger.raw])).toEqual([]);
    expect(await settlementOf(subject.txid)).toBe('applied');
  });

  it('finalises at the configured depth and re-opens everything when the block is orphaned', async () => {
    const subject = await issue();
    const { block } = await prove(subject);
    await finalise(db, block.height + 4, 6);
    expect(await settlementOf(subject.txid)).toBe('mined');
    expect(await finalise(db, block.height + 5, 6)).toBeGreaterThan(0);
    expect(await settlementOf(subject.txid)).toBe('final');
    await plantBlock(database.owner, block.height, '22'.repeat(32));
    const rewound = await db.transaction((manager) => rewindBlocks(manager, [block.hash]));
    expect(rewound).toEqual([subject.txid]);
    expect(await historyOf(subject.txid)).toEqual(['applied', 'mined', 'final', 'seen']);
    const [row] = await db.query<{ id: string }[]>('select id from portcullis.outbox where dedupe_key = $1', [
      `proof:${subject.txid}`,
    ]);
    expect(await claimOutboxRow(db, row?.id ?? '', 1_000)).toMatchObject({ txid: subject.txid, kind: 'proof' });
    expect((await prove(subject)).outcome).toBe('applied');
    expect(await settlementOf(subject.txid)).toBe('mined');
  });

  it('lets a proof bring a refused transaction back in, under a new request', async () => {
    const subject = await issue();
    await retractTransition(db, subject.txid, 'refused');
    const block = await plantBlock(database.owner, nextHeight(), subject.txid);
    const proven = { ...subject, bump: plainBump(block) };
    expect(await commitTransition(db, planPlainCommit({ subject: proven }))).toMatchObject({ ok: true });
    expect(await settlementOf(subject.txid)).toBe('mined');
    expect(await historyOf(subject.txid)).toEqual(['applied', 'mined']);
  });

  it('answers chain-unsettled to a proof whose block left the best chain after it was judged', async () => {
    const ancestor = buildPlainTransaction([randomOutpoint()]);
    const block = await plantBlock(database.owner, nextHeight(), ancestor.txid);
    await plantBlock(database.owner, block.height, '33'.repeat(32));
    const subject = buildPlainTransaction([outpointOf(ancestor)]);
    const ancestors = [{ ...ancestor, bump: plainBump(block) }];
    expect(await commitTransition(db, planPlainCommit({ subject, ancestors }))).toMatchObject({
      ok: false,
      rejection: { code: 'chain-unsettled' },
    });
  });

  it('ends a graph at proven ancestors and lists parents first', async () => {
    const grandparent = buildPlainTransaction([randomOutpoint()], [1, 2]);
    const block = await plantBlock(database.owner, nextHeight(), grandparent.txid);
    const proven = { ...grandparent, bump: plainBump(block) };
    const left = buildPlainTransaction([outpointOf(grandparent, 0)]);
    const right = buildPlainTransaction([outpointOf(grandparent, 1), outpointOf(left)]);
    const subject = buildPlainTransaction([outpointOf(right)]);
    await commitTransition(db, planPlainCommit({ subject, ancestors: [proven, left, right] }));
    const graph = await findGraph(db, subject.txid);
    expect(graph.map(({ txid }) => txid)).toEqual([proven.txid, left.txid, right.txid, subject.txid]);
    expect(graph[0]?.bump).toMatchObject({ height: block.height, root: grandparent.txid });
    expect(await findGraph(db, buildPlainTransaction([randomOutpoint()]).txid)).toEqual([]);
  });
});
