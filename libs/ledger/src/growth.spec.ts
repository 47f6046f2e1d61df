import { randomUUID } from 'node:crypto';
import { sha256 } from '#atomic-core';
import {
  buildPlainTransaction,
  createTestDatabase,
  fillLedger,
  outpointOf,
  plainBump,
  planPlainCommit,
  plantBlock,
  randomOutpoint,
} from '#testkit';
import type { PlainTransaction, TestDatabase } from '#testkit';
import type { EntityManager } from 'typeorm';
import { claimPayment, isRequestPaid } from './claim-payment';
import { commitTransition, commitTransitions } from './commit-transition';
import { findConflict } from './find-conflict';
import { findGraph } from './find-graph';
import { findCoins, findOutputsByKeys, listBasketOutputs } from './find-outputs';
import { findReplay, findTransition } from './find-transition';
import { findApplied, listLeavingBaskets, listRivals } from './foresee-commit';
import { findHeaderTip, listContestedRoots } from './headers-find';
import { claimOutboxBatch, completeOutboxRow, listDueOutboxRows } from './outbox';
import { findOrCreateQuote, findQuote } from './quotes';
import { retractTransition } from './retract-transition';
import { claimNonce, findSession, openSession } from './sessions';
import { applyProof, recordSettlement, rewindBlocks } from './settlement';

/** A ledger this small was looked at when the plans were made; this large it is when they are followed. */
const SMALL = 1_000;
const LARGE = 30_000;
const ROUNDS = 12;
/** Indexes of the large ledger are a level deeper, and pages that are not vacuumed hold what was changed. What walks a table reads hundreds of times as much. */
const GROWTH_MAX = 2;
const GROWTH_BLOCKS = 20;

let database: TestDatabase;
/** One session, so that what it keeps of its plans is kept from the small ledger to the large one. */
let db: EntityManager;
let height = 900;

const plain = (): PlainTransaction => buildPlainTransaction([randomOutpoint()]);
const commit = async (subject: PlainTransaction, parent?: PlainTransaction): Promise<void> => {
  const coins = parent === undefined ? [] : [{ txid: parent.txid, vout: 0, retain: false }];
  const ancestors = parent === undefined ? [] : [parent];
  expect(await commitTransition(db, planPlainCommit({ subject, coins, ancestors }))).toMatchObject({ ok: true });
};
const pair = async (): Promise<[PlainTransaction, PlainTransaction]> => {
  const parent = plain();
  const child = buildPlainTransaction([outpointOf(parent)]);
  await commit(parent);
  await commit(child, parent);
  return [parent, child];
};
const payFor = async (): Promise<void> => {
  const [transaction, prefix, requestDigest] = [plain(), randomUUID(), sha256(Buffer.from(randomUUID()))];
  const asked = { organisation: 'acme', identityKey: 'key of acme', requestDigest };
  await findOrCreateQuote(db, { ...asked, prefix, method: 'POST', path: '/', satoshis: 200, ttlMs: 60_000 });
  expect(await findQuote(db, prefix)).toMatchObject({ claimed: false });
  const { transactions, spends, outbox, leaf } = planPlainCommit({ subject: transaction });
  const payment = { outpoint: outpointOf(transaction), prefix, satoshis: 1_000 };
  expect(await claimPayment(db, { ...asked, ...payment, transactions, spends, outbox, leaf })).toMatchObject({
    ok: true,
  });
  expect(await isRequestPaid(db, 'key of acme', Buffer.from(requestDigest))).toBe(true);
};

const works: Readonly<Record<string, () => Promise<void>>> = {
  'a COMMIT and that of its child': async () => {
    await pair();
  },
  'a group of COMMITs': async () => {
    const inputs = Array.from({ length: 4 }, () => planPlainCommit({ subject: plain() }));
    expect(await commitTransitions(db, inputs)).toMatchObject({ value: inputs.map(() => ({ ok: true })) });
  },
  'a group in which two want one coin': async () => {
    const coin = randomOutpoint();
    const inputs = [coin, randomOutpoint(), coin].map((each) =>
      planPlainCommit({ subject: buildPlainTransaction([each]) }),
    );
    expect(await commitTransitions(db, inputs)).toMatchObject({ value: [{ ok: true }, { ok: true }, { ok: false }] });
  },
  'the claim of a payment': payFor,
  'settlement, proof and reorg': async () => {
    const subject = plain();
    await commit(subject);
    expect(await recordSettlement(db, subject.txid, 'seen')).toBe(1);
    const block = await plantBlock(database.owner, (height += 1), subject.txid);
    const proof = { txid: subject.txid, bump: Buffer.from('bump'), blockHash: block.hash, height: block.height };
    expect(await applyProof(db, proof)).toBe('applied');
    expect(await rewindBlocks(db, [block.hash])).toEqual([subject.txid]);
  },
  'a COMMIT of what is proven': async () => {
    const unproven = plain();
    await commit({ ...unproven, bump: plainBump(await plantBlock(database.owner, (height += 1), unproven.txid)) });
  },
  'a retraction': async () => {
    const [parent, child] = await pair();
    expect(await retractTransition(db, parent.txid, 'refused')).toEqual([child.txid, parent.txid]);
  },
  'the outbox': async () => {
    await commit(plain());
    expect(await listDueOutboxRows(db, 10)).not.toEqual([]);
    for (const row of await claimOutboxBatch(db, 20, 60_000)) expect(await completeOutboxRow(db, row)).toBe(true);
  },
  'sessions and nonces': async () => {
    const sessionNonce = randomUUID();
    await openSession(db, { sessionNonce, identityKey: 'k', peerNonce: 'p', ttlMs: 60_000 });
    expect(await findSession(db, sessionNonce)).toMatchObject({ sessionNonce });
    expect(await claimNonce(db, sessionNonce, 'n')).toBe(true);
    expect(await claimNonce(db, sessionNonce, 'n')).toBe(false);
  },
  'the reads': async () => {
    const [parent, child] = await pair();
    const rival = planPlainCommit({ subject: buildPlainTransaction([outpointOf(parent), randomOutpoint()]) });
    expect(await findConflict(db, rival.transactions, rival.spends)).toMatchObject({ ok: false });
    expect(await listRivals(db, rival.spends)).toEqual([{ txid: child.txid, canLeave: true }]);
    expect(await findCoins(db, 'tm_test', [outpointOf(child), outpointOf(parent)])).toMatchObject([
      { txid: child.txid },
    ]);
    expect(await findOutputsByKeys(db, 'tm_test', [`document:${child.txid}`], 10)).toMatchObject([
      { txid: child.txid },
    ]);
    expect(await listBasketOutputs(db, 'acme', 'goods', { limit: 5 })).toHaveLength(5);
    const spends = [{ outpoint: outpointOf(child), spenderTxid: child.txid }];
    expect(await listLeavingBaskets(db, 'acme', spends)).toHaveLength(1);
    const state = {
      organisation: 'acme',
      txid: child.txid,
      topics: ['tm_test'],
      baskets: [{ vout: 0, basket: 'goods' }],
    };
    expect(await findApplied(db, state)).toMatchObject({ ok: false });
    expect(await findGraph(db, child.txid)).toHaveLength(2);
    expect(await findTransition(db, 'acme', child.txid)).toMatchObject({ txid: child.txid });
    expect(await findReplay(db, 'acme', 'nobody’s', Buffer.alloc(32))).toMatchObject({ ok: true, value: undefined });
    expect(await findHeaderTip(db)).toBeDefined();
    expect(await listContestedRoots(db, [{ height: 901, root: child.txid }])).toEqual([]);
  },
};

interface Reading {
  readonly table: string;
  readonly whole: number;
  readonly blocks: number;
}

const readCounters = async (): Promise<Reading[]> => {
  await db.query('select pg_stat_force_next_flush()');
  return database.owner.query<Reading[]>(
    `select s.relname as table, s.seq_scan::int as whole,
       (i.heap_blks_hit + i.heap_blks_read + coalesce(i.idx_blks_hit + i.idx_blks_read, 0))::int as blocks
     from pg_stat_user_tables s join pg_statio_user_tables i using (relid) where s.schemaname = 'portcullis' order by s.relname`,
  );
};

/** Tables that were read whole, and blocks that were touched, by one round of this work. */
const measure = async (work: () => Promise<void>): Promise<{ whole: string[]; blocks: number }> => {
  const before = await readCounters();
  for (let round = 0; round < ROUNDS; round += 1) await work();
  const after = await readCounters();
  const grown = after.map(({ table, whole, blocks }, place) => ({
    table,
    whole: whole - (before[place]?.whole ?? 0),
    blocks: blocks - (before[place]?.blocks ?? 0),
  }));
  return {
    // Of the audit head there is one row, and so no other way to read it.
    whole: grown.filter(({ table, whole }) => whole > 0 && table !== 'audit_head').map(({ table }) => table),
    blocks: grown.reduce((sum, { blocks }) => sum + blocks, 0) / ROUNDS,
  };
};
const measureAll = async () => {
  const measured: Record<string, { whole: string[]; blocks: number }> = {};
  for (const [name, work] of Object.entries(works)) measured[name] = await measure(work);
  return measured;
};
const expectBounded = async (small: Awaited<ReturnType<typeof measureAll>>): Promise<void> => {
  const large = await measureAll();
  expect(Object.entries(large).filter(([, { whole }]) => whole.length > 0)).toEqual([]);
  const grown = Object.entries(large).filter(
    ([name, { blocks }]) => blocks > (small[name]?.blocks ?? 0) * GROWTH_MAX + GROWTH_BLOCKS,
  );
  expect(grown.map(([name, { blocks }]) => [name, small[name]?.blocks, blocks])).toEqual([]);
};

describe('the cost of a ledger that grows', () => {
  beforeAll(async () => {
    database = await createTestDatabase();
    db = database.dataSource.createQueryRunner().manager;
    // A visit of the vacuum makes the server plan anew; what is shown here holds without one.
    const tables = await database.owner.query<{ name: string }[]>(
      `select oid::regclass::text as name from pg_class where relnamespace = 'portcullis'::regnamespace and relkind = 'r'`,
    );
    for (const { name } of tables) await database.owner.query(`alter table ${name} set (autovacuum_enabled = off)`);
  }, 90_000);
  afterAll(async () => {
    await db.queryRunner?.release();
    await database.drop();
  });

  it('is an index descent for each thing asked, with the plans of an empty ledger, unanalysed, and analysed', async () => {
    // Known to be empty: then every table is cheapest read whole.
    await database.owner.query('vacuum analyze');
    await measureAll();
    await fillLedger(database.owner, 1, SMALL);
    const small = await measureAll();
    await fillLedger(database.owner, SMALL + 1, LARGE);
    await expectBounded(small);
    await db.query('discard plans');
    await expectBounded(small);
    await database.owner.query('analyze');
    await expectBounded(small);
  }, 180_000);
});
