import {
  applyProof,
  claimNonce,
  claimNonces,
  claimOutboxRow,
  commitTransition,
  completeOutboxRow,
  findTransition,
  fsck,
  openSession,
  rewindBlocks,
} from '#ledger';
import { buildPlainTransaction, createTestDatabase, planPlainCommit, plantBlock, randomOutpoint } from '#testkit';
import type { PlainTransaction, TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';

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

const issue = async (): Promise<PlainTransaction> => {
  const subject = buildPlainTransaction([randomOutpoint()]);
  expect(await commitTransition(left, planPlainCommit({ subject }))).toMatchObject({ ok: true });
  return subject;
};
const findRowId = async ({ txid }: PlainTransaction): Promise<string> => {
  const rows = await left.query('select id from portcullis.outbox where dedupe_key = $1', [`broadcast:${txid}`]);
  return rows[0].id;
};

describe('what follows a COMMIT races', () => {
  it('R6: a nonce replayed on the other replica is taken once', async () => {
    await openSession(left, { sessionNonce: 's', identityKey: 'k', peerNonce: 'p', ttlMs: 600_000 });
    for (let round = 0; round < ROUNDS; round += 1) {
      const taken = await Promise.all([left, right].map((db) => claimNonce(db, 's', `n${round}`)));
      expect(taken.sort()).toEqual(['claimed', 'replayed']);
    }
  });

  it('R6: nonces replayed on the other replica in groups of another order are taken once each, and nobody waits in a circle', async () => {
    await openSession(left, { sessionNonce: 'groups', identityKey: 'k', peerNonce: 'p', ttlMs: 600_000 });
    for (let round = 0; round < ROUNDS; round += 1) {
      const asked = Array.from({ length: 20 }, (_, at) => ({ sessionNonce: 'groups', nonce: `${round}.${at}` }));
      const groups = await Promise.all([claimNonces(left, asked), claimNonces(right, [...asked].reverse())]);
      const [here = [], there = []] = groups.map((group) =>
        group.map((end) => end.status === 'fulfilled' && end.value),
      );
      for (const [at, claim] of here.entries())
        expect([claim, there[asked.length - 1 - at]].sort()).toEqual(['claimed', 'replayed']);
    }
  });

  it('R11: two relays that want one row get one lease', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = await findRowId(await issue());
      const leases = await Promise.all([left, right].map((db) => claimOutboxRow(db, id, 60_000)));
      expect(leases.filter(Boolean)).toHaveLength(1);
    }
  });

  it('R12: a holder whose lease ran out cannot settle beside the next one', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = await findRowId(await issue());
      const slow = await claimOutboxRow(left, id, 0);
      const [next, late] = await Promise.all([
        claimOutboxRow(right, id, 60_000),
        completeOutboxRow(left, { id, leaseNumber: slow?.leaseNumber ?? 0 }),
      ]);
      // Either the slow holder was in time and the row is done, or it was not and the row is the next one's.
      expect([next === undefined, late]).toEqual(late ? [true, true] : [false, false]);
      if (next) expect(await completeOutboxRow(right, { id, leaseNumber: next.leaseNumber })).toBe(true);
    }
  });

  it('R13: a proof applied while its block is orphaned ends on the best chain', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const subject = await issue();
      const block = await plantBlock(database.owner, 1_000 + round, subject.txid);
      const proof = { txid: subject.txid, bump: Buffer.of(1), blockHash: block.hash, height: block.height };
      const [outcome] = await Promise.all([
        applyProof(left, proof),
        database.owner.transaction(async (manager) => {
          await plantBlock(manager, block.height, '44'.repeat(32));
          await rewindBlocks(manager, [block.hash]);
        }),
      ]);
      const found = await findTransition(left, 'acme', subject.txid);
      expect(found?.proof).toBeUndefined();
      expect(found?.settlement).toBe(outcome === 'applied' ? 'seen' : 'applied');
    }
  });
});
