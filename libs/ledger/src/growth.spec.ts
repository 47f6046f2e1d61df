import { randomUUID } from 'node:crypto';
import { sha256 } from '#atomic-core';
import {
  buildPlainTransaction,
  openAgeingLedger,
  outpointOf,
  plainBump,
  planPlainCommit,
  plantBlock,
  randomOutpoint,
} from '#testkit';
import type { AgeingLedger, PlainTransaction, Works } from '#testkit';
import { claimPayment, isRequestPaid } from './claim-payment';
import { commitTransition, commitTransitions } from './commit-transition';
import { advanceFeed, beginDelivery, claimFeed, closeFeed, deferFeed, openFeed } from './event-feeds';
import { evictOutput } from './evict-output';
import { findConflict } from './find-conflict';
import { findGraph } from './find-graph';
import { listBasketOutputs } from './basket-outputs';
import { findCoins, findOutputsByKeys } from './find-outputs';
import { findReplay, findTransition } from './find-transition';
import { findApplied, listLeavingBaskets, listRivals } from './foresee-commit';
import { findChainView, findHeaderTip, listContestedRoots } from './headers-find';
import { listHistory, listReleasedHistory } from './list-history';
import { claimOutboxBatch, completeOutboxRow, listDueOutboxRows } from './outbox';
import { findOrCreateQuote, findQuote } from './quotes';
import { retractTransition } from './retract-transition';
import { claimNonce, findSession, openSession } from './sessions';
import { applyProof, recordSettlement, rewindBlocks } from './settlement';
import { findEventTip, listTopicEvents } from './topic-events';
import { findTopicOutput, listTopicOutputs } from './topic-outputs';
import { findTopicState, listTopicStates } from './topic-states';

let ledger: AgeingLedger;
let database: AgeingLedger['database'];
let db: AgeingLedger['db'];
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
  expect(await isRequestPaid(db, asked, Buffer.from(requestDigest))).toBe(true);
};

const works: Works = {
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
  'an eviction': async () => {
    const subject = plain();
    await commit(subject);
    const eviction = { outpoint: outpointOf(subject), reason: 'unlawful', organisation: 'acme' };
    expect(await evictOutput(db, { ...eviction, identityKey: 'k', requestId: 'r' })).toMatchObject({ ok: true });
  },
  'what a topic tells': async () => {
    const [parent, child] = await pair();
    const after = (await findEventTip(db)) - 2;
    expect(await listTopicEvents(db, { after, limit: 5 })).toMatchObject([{ txid: parent.txid }, { txid: child.txid }]);
    expect(await listTopicEvents(db, { topic: 'tm_test', after, limit: 1 })).toMatchObject([{ txid: parent.txid }]);
    expect(await findTopicState(db, 'tm_test')).toMatchObject({ tip: { txid: child.txid } });
    expect(await listTopicStates(db)).toHaveLength(1);
    expect(await findTopicOutput(db, 'tm_test', outpointOf(parent))).toMatchObject({ spentBy: child.txid });
    for (const state of ['unspent', 'spent', 'all'] as const) {
      const page = await listTopicOutputs(db, 'tm_test', { state, limit: 3 });
      expect(page).toHaveLength(3);
      await listTopicOutputs(db, 'tm_test', { state, limit: 3, after: page[2]?.outpoint ?? randomOutpoint() });
    }
    const key = `document:${child.txid}`;
    expect(await listTopicOutputs(db, 'tm_test', { state: 'unspent', key, limit: 3 })).toHaveLength(1);
    expect(await listTopicOutputs(db, 'tm_test', { state: 'all', txid: child.txid, limit: 3 })).toHaveLength(1);
    expect(await listHistory(db, 'tm_test', outpointOf(child))).toEqual([]);
    const page = { position: await findEventTip(db), limit: 10 };
    expect(await listReleasedHistory(db, 'tm_test', [outpointOf(parent)], page)).toEqual([]);
  },
  'a feed of events': async () => {
    const name = randomUUID();
    expect(await openFeed(db, { name, kind: 'lookup' })).toBe(true);
    const lease = await claimFeed(db, name, 60_000);
    if (lease === undefined) throw new Error('not claimed');
    expect(await beginDelivery(db, lease, 0)).toBe(true);
    expect(await advanceFeed(db, lease, { position: 1, step: 0 })).toBe(true);
    expect(await deferFeed(db, lease, 0, 'late')).toBe(true);
    expect(await closeFeed(db, name)).toBe(true);
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
    expect(await claimNonce(db, sessionNonce, 'n')).toBe('claimed');
    expect(await claimNonce(db, sessionNonce, 'n')).toBe('replayed');
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
    expect(await listBasketOutputs(db, 'acme', 'goods', { limit: 5 })).toMatchObject({
      outputs: Array(5).fill({ quantity: 1 }),
    });
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
    expect(await findChainView(db, undefined, [901])).toMatchObject({ holdsAnchor: false });
    expect(await listContestedRoots(db, [{ height: 901, root: child.txid }])).toEqual([]);
  },
};

describe('the cost of a ledger that grows', () => {
  beforeAll(async () => {
    ledger = await openAgeingLedger();
    ({ database, db } = ledger);
  }, 90_000);
  afterAll(() => ledger.close());

  it('is an index descent for each thing asked, with the plans of an empty ledger, unanalysed, and analysed', async () => {
    expect(await ledger.findGrowth(works)).toEqual([]);
  }, 180_000);
});
