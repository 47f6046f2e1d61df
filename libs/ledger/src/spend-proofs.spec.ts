import { randomBytes } from 'node:crypto';
import type { Outpoint } from '#atomic-core';
import { buildPlainTransaction, createTestDatabase, plantBlock, plantBreach, presentPlainCertificate } from '#testkit';
import type { TestDatabase } from '#testkit';
import { fsck } from './fsck';
import { findNamedSpend, findRevocation, recordRevocation, type SpendProof } from './revocations';

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
  const { revocationOutpoint: outpoint } = await presentPlainCertificate(database.dataSource);
  const root = randomBytes(32).toString('hex');
  height += 1;
  await plantBlock(database.owner, height, root);
  const spender = buildPlainTransaction([outpoint]);
  const proof: SpendProof = { raw: spender.raw, bump: randomBytes(40), height, root, source: 'a witness' };
  return { outpoint, spenderTxid: spender.txid, proof };
};
/** Asked for in this order. */
let clock = Date.now();
const report = (outpoint: Outpoint, said: object): Promise<boolean> => {
  clock += 1_000;
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
    await database.owner.query('update portcullis.block_header set is_best = false where height = $1', [proof.height]);
    expect(await findNamedSpend(database.dataSource, outpoint)).toEqual({ spenderTxid, provenBy: undefined });
    expect(await report(outpoint, good)).toBe(true);
    expect(await findRevocation(database.dataSource, outpoint)).toMatchObject({ state: 'good' });
    await database.owner.query('update portcullis.block_header set is_best = true where height = $1', [proof.height]);
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
  ['of another transaction', `update portcullis.revocation_proof set raw = raw || '\\x00'::bytea`],
  [
    'does not spend its outpoint',
    `update portcullis.revocation_proof set raw = '\\x00', spender_txid = sha256(sha256('\\x00'::bytea))`,
  ],
  ['of no header', `update portcullis.revocation_proof set root = sha256(root)`],
])('I31 finds one that is %s', async (sentence, statement) => {
  const { outpoint, spenderTxid, proof } = await plan();
  await report(outpoint, { state: 'revoked', spenderTxid, proof });
  expect((await plantBreach(database.owner, [statement])).get('I31')).toContain(sentence);
});
