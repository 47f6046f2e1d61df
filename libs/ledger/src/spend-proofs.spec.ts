import { randomBytes } from 'node:crypto';
import type { Outpoint } from '#atomic-core';
import {
  buildPlainTransaction,
  createTestDatabase,
  planPlainCommit,
  plantBlock,
  plantBreach,
  presentPlainCertificate,
  randomOutpoint,
} from '#testkit';
import type { TestDatabase } from '#testkit';
import { fsck } from './fsck';
import { commitTransition } from './commit-transition';
import { listRevokedOutpoints } from './gateway-certificates';
import { claimRevocations, findNamedSpend, findRevocation, recordRevocation, type SpendProof } from './revocations';

let database: TestDatabase;
let height = 100;

beforeAll(async () => {
  database = await createTestDatabase();
}, 90_000);
afterAll(async () => {
  const broken = (await fsck(database.dataSource)).filter(({ ok }) => !ok);
  await database.drop();
  expect(broken).toEqual([]);
});

/** A certificate whose outpoint is spent in a block of ours, as it would have been verified. */
const plan = async () => {
  const certificate = await presentPlainCertificate(database.dataSource);
  const outpoint = certificate.revocationOutpoint;
  const root = randomBytes(32).toString('hex');
  height += 1;
  await plantBlock(database.owner, height, root);
  const spender = buildPlainTransaction([outpoint]);
  const proof: SpendProof = { raw: spender.raw, bump: randomBytes(40), height, root, source: 'a witness' };
  return { certificate, outpoint, spenderTxid: spender.txid, proof };
};
/** What our headers think of this block. */
const turn = (at: number, isBest: boolean): Promise<unknown> =>
  database.owner.query('update portcullis.block_header set is_best = $2 where height = $1', [at, isBest]);
/** Asked for in this order, and after whatever they are about was presented. */
let clock = 0;
const report = (outpoint: Outpoint, said: object): Promise<boolean> => {
  clock = Math.max(clock, Date.now()) + 1_000;
  return recordRevocation(database.dataSource, { outpoint, lookedAt: new Date(clock), source: 's', ...said } as never);
};
const good = { state: 'good', asOf: new Date() };

describe('the proof of a spend', () => {
  it('keeps every later answer out that says otherwise, and is found by the words for it', async () => {
    const { outpoint, spenderTxid, proof } = await plan();
    expect(await findNamedSpend(database.dataSource, outpoint)).toBeUndefined();
    expect(await report(outpoint, { state: 'revoked', spenderTxid, proof })).toBe(true);
    expect(await report(outpoint, good)).toBe(false);
    expect(await report(outpoint, { state: 'unknown', isSilent: false })).toBe(false);
    expect(await findRevocation(database.dataSource, outpoint)).toMatchObject({ state: 'revoked', spenderTxid });
    expect(await findNamedSpend(database.dataSource, outpoint)).toEqual({
      spenderTxid,
      provenBy: `the header chain at height ${proof.height}, by a witness`,
    });
  });

  it('stands as long as our best chain has its block: then its words are those of whoever named it', async () => {
    const { outpoint, spenderTxid, proof } = await plan();
    await report(outpoint, { state: 'revoked', spenderTxid, proof });
    await turn(proof.height, false);
    expect(await findNamedSpend(database.dataSource, outpoint)).toEqual({ spenderTxid, provenBy: undefined });
    expect(await report(outpoint, good)).toBe(true);
    expect(await findRevocation(database.dataSource, outpoint)).toMatchObject({ state: 'good' });
    await turn(proof.height, true);
  });

  it('stands again when a reorg is taken back, whatever was said in between: for a COMMIT and for whoever asks', async () => {
    const { certificate, outpoint, spenderTxid, proof } = await plan();
    const rely = async (): Promise<string> => {
      const subject = buildPlainTransaction([randomOutpoint()]);
      const done = await commitTransition(database.dataSource, {
        ...planPlainCommit({ subject }),
        relies: [certificate],
      });
      return done.ok ? done.value.kind : done.rejection.code;
    };
    const listed = async () => (await listRevokedOutpoints(database.dataSource, [outpoint])).size;
    await report(outpoint, { state: 'revoked', spenderTxid, proof });
    await turn(proof.height, false);
    expect(await report(outpoint, good)).toBe(true);
    expect([await listed(), await rely()]).toEqual([0, 'applied']);
    await turn(proof.height, true);
    expect([await listed(), await rely()]).toEqual([1, 'certificate-revoked']);
    const source = `the header chain at height ${proof.height}, by a witness`;
    expect(await findRevocation(database.dataSource, outpoint)).toMatchObject({
      ...{ state: 'revoked', spenderTxid, source },
    });
    // Whoever is told so mends the row.
    await report(outpoint, { state: 'revoked', spenderTxid, source });
    const [row] = await database.owner.query<{ state: string }[]>(
      'select state from portcullis.revocation where outpoint = $1',
      [outpoint],
    );
    expect(row).toEqual({ state: 'revoked' });
  });

  it('keeps its spender, whatever other one is named', async () => {
    const { outpoint, spenderTxid, proof } = await plan();
    await report(outpoint, { state: 'revoked', spenderTxid, proof });
    await report(outpoint, { state: 'revoked', spenderTxid: 'cd'.repeat(32) });
    const [row] = await database.owner.query<{ spender: Buffer; source: string }[]>(
      'select spender_txid as spender, source from portcullis.revocation where outpoint = $1',
      [outpoint],
    );
    const source = `the header chain at height ${proof.height}, by a witness`;
    expect(row).toEqual({ spender: Buffer.from(spenderTxid, 'hex').reverse(), source });
  });

  it('is kept once for all that one transaction revokes', async () => {
    const outpoints: Outpoint[] = [];
    for (let count = 0; count < 3; count += 1)
      outpoints.push((await presentPlainCertificate(database.dataSource)).revocationOutpoint);
    const root = randomBytes(32).toString('hex');
    height += 1;
    await plantBlock(database.owner, height, root);
    const { raw, txid: spenderTxid } = buildPlainTransaction(outpoints);
    for (const outpoint of outpoints) {
      const proof: SpendProof = { raw, bump: randomBytes(40), height, root, source: 'a witness' };
      await report(outpoint, { state: 'revoked', spenderTxid, proof });
      expect(await findNamedSpend(database.dataSource, outpoint)).toMatchObject({ spenderTxid });
    }
    const [kept] = await database.owner.query<{ count: number }[]>(
      'select count(*)::int as count from portcullis.spend_proof where raw = $1',
      [Buffer.from(raw)],
    );
    expect(kept).toEqual({ count: 1 });
  });

  it('without one a word is taken back by the next, and of what is not watched none is kept', async () => {
    const { outpoint, spenderTxid, proof } = await plan();
    await report(outpoint, { state: 'revoked', spenderTxid });
    expect(await findNamedSpend(database.dataSource, outpoint)).toEqual({ spenderTxid, provenBy: undefined });
    expect(await report(outpoint, good)).toBe(true);
    const unwatched = randomBytes(36) as unknown as Outpoint;
    expect(await report(unwatched, { state: 'revoked', spenderTxid, proof })).toBe(false);
    expect(await findNamedSpend(database.dataSource, unwatched)).toBeUndefined();
  });
});

it('a spend that this ledger or the header chain has costs nothing of the rate: it is asked about when that is no longer so', async () => {
  const { owner, dataSource } = database;
  const prove = async (): Promise<Awaited<ReturnType<typeof plan>>> => {
    const planned = await plan();
    await report(planned.outpoint, { state: 'revoked', spenderTxid: planned.spenderTxid, proof: planned.proof });
    return planned;
  };
  const [proven, unproven, doubted, said, spent] = [
    await prove(),
    await prove(),
    await prove(),
    await plan(),
    await plan(),
  ];
  await turn(unproven.proof.height, false);
  // Its row says GOOD, and the reorg that let it be said is taken back.
  await turn(doubted.proof.height, false);
  await report(doubted.outpoint, good);
  await turn(doubted.proof.height, true);
  await report(said.outpoint, { state: 'revoked', spenderTxid: said.spenderTxid });
  await commitTransition(dataSource, planPlainCommit({ subject: buildPlainTransaction([spent.outpoint]) }));
  const hexOf = (outpoint: Uint8Array): string => Buffer.from(outpoint).toString('hex');
  const ofThese = [proven, unproven, doubted, said, spent].map(({ outpoint }) => Buffer.from(outpoint));
  await owner.query(
    "update portcullis.revocation set looked_at = now() - interval '1 day', claimed_at = now() - interval '1 day' where outpoint = any($1)",
    [ofThese],
  );
  const claim = { ratePerMinute: 10_000, most: 100, dueMs: 43_200_000, leaseMs: 30_000 };
  const claimed = (await claimRevocations(dataSource, claim)).map(hexOf);
  expect(claimed.sort()).toEqual([unproven, doubted, said].map(({ outpoint }) => hexOf(outpoint)).sort());
  // They are at the end of the queue, where they are in nobody's way.
  for (const { outpoint } of [proven, spent]) {
    const known = await findRevocation(dataSource, outpoint);
    expect(known?.lookedAt.getTime()).toBeGreaterThan(Date.now() - 60_000);
  }
  await turn(unproven.proof.height, true);
});

describe('a word that a certificate is revoked', () => {
  it('is not taken back by a GOOD of others while its own source is silent, and is by one that it has heard', async () => {
    const { outpoint, spenderTxid } = await plan();
    await report(outpoint, { state: 'revoked', spenderTxid, source: 'one, two' });
    const looked = async () => (await findRevocation(database.dataSource, outpoint))?.lookedAt.getTime();
    expect(await report(outpoint, { ...good, silent: ['another', 'two'] })).toBe(false);
    expect(await findRevocation(database.dataSource, outpoint)).toMatchObject({ state: 'revoked', source: 'one, two' });
    // It was asked about all the same, and is not due at once.
    expect(await looked()).toBe(clock);
    expect(await report(outpoint, { ...good, silent: ['another'] })).toBe(true);
    expect(await findRevocation(database.dataSource, outpoint)).toMatchObject({ state: 'good' });
  });
});

it.each([
  ['of another transaction', `update portcullis.spend_proof set raw = raw || '\\x00'::bytea`],
  [
    'does not spend its outpoint',
    `with other as (insert into portcullis.spend_proof select sha256(sha256('\\x00'::bytea)), '\\x00', bump, height, root, source from portcullis.spend_proof limit 1
       returning spender_txid) update portcullis.revocation_proof v set spender_txid = other.spender_txid from other`,
  ],
  ['of no header', `update portcullis.spend_proof set root = sha256(root)`],
  [
    'by another spender',
    `update portcullis.revocation set spender_txid = sha256(spender_txid) where source like 'the header chain%'`,
  ],
])('I31 finds one that is %s', async (sentence, statement) => {
  const { outpoint, spenderTxid, proof } = await plan();
  const source = `the header chain at height ${proof.height}, by a witness`;
  await report(outpoint, { state: 'revoked', spenderTxid, proof, source });
  expect((await plantBreach(database.owner, [statement])).get('I31')).toContain(sentence);
});
