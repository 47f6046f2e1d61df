import { randomBytes } from 'node:crypto';
import {
  buildPlainTransaction,
  createTestDatabase,
  planPlainCommit,
  plantBreach,
  presentPlainCertificate,
  randomOutpoint,
} from '#testkit';
import type { TestDatabase } from '#testkit';
import type { DataSource } from 'typeorm';
import { commitTransition } from './commit-transition';
import { fsck } from './fsck';
import { keepGatewayCertificates, listRevokedOutpoints, type GatewayCertificate } from './gateway-certificates';
import { claimRevocations, findRevocation, listCertifiers, recordRevocation } from './revocations';

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

const make = (over: Partial<GatewayCertificate> = {}): GatewayCertificate => ({
  ...{ hash: randomBytes(32), subject: 'gateway', certifier: 'certifier', outpoint: randomOutpoint() },
  ...over,
});
const hexOf = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');
const claim = async (): Promise<string[]> => {
  const claimed = await claimRevocations(db, {
    ratePerMinute: 10_000,
    most: 10_000,
    dueMs: 86_400_000,
    leaseMs: 60_000,
  });
  return claimed.map(hexOf);
};

it('is asked about at once, once, however often a process starts', async () => {
  const [one, other] = [make(), make()];
  await keepGatewayCertificates(db, [one, other]);
  await keepGatewayCertificates(db, [one]);
  expect((await claim()).sort()).toEqual([hexOf(one.outpoint), hexOf(other.outpoint)].sort());
  await keepGatewayCertificates(db, [one]);
  expect(await claim()).toEqual([]);
  expect(await findRevocation(db, one.outpoint)).toMatchObject({ state: 'unknown' });
});

it('leaves what is known of an outpoint as it is', async () => {
  const { revocationOutpoint } = await presentPlainCertificate(db);
  await keepGatewayCertificates(db, [make({ outpoint: revocationOutpoint })]);
  expect(await findRevocation(db, revocationOutpoint)).toMatchObject({ state: 'good' });
});

it('names all certifiers who are asked about it', async () => {
  const own = make({ certifier: 'one' });
  await keepGatewayCertificates(db, [own]);
  expect(await listCertifiers(db, own.outpoint)).toEqual(['one']);
  await keepGatewayCertificates(db, [make({ certifier: 'two', outpoint: own.outpoint })]);
  await presentPlainCertificate(db, 'good', { certifier: 'three', revocationOutpoint: own.outpoint });
  await presentPlainCertificate(db, 'good', { certifier: 'three', revocationOutpoint: own.outpoint });
  expect((await listCertifiers(db, own.outpoint)).toSorted()).toEqual(['one', 'three', 'two']);
});

it('is revoked by a spend in this ledger, or one that the sources tell of', async () => {
  const spent = buildPlainTransaction([randomOutpoint()]);
  const [told, held, unwatched] = [make(), make(), randomOutpoint()];
  await keepGatewayCertificates(db, [told, held]);
  const lookedAt = new Date();
  await recordRevocation(db, {
    ...{ outpoint: told.outpoint, lookedAt, source: 'a source', state: 'revoked', spenderTxid: spent.txid },
  });
  await recordRevocation(db, { outpoint: held.outpoint, lookedAt, source: 'a source', state: 'good', asOf: lookedAt });
  const own = randomOutpoint();
  expect((await commitTransition(db, planPlainCommit({ subject: buildPlainTransaction([own]) }))).ok).toBe(true);
  const asked = [told.outpoint, held.outpoint, unwatched, own];
  expect([...(await listRevokedOutpoints(db, asked))].sort()).toEqual([hexOf(told.outpoint), hexOf(own)].sort());
});

it('gives the application no way to forget one', async () => {
  await expect(db.query('delete from portcullis.gateway_certificate')).rejects.toThrow('permission denied');
  await expect(db.query('update portcullis.gateway_certificate set outpoint = outpoint')).rejects.toThrow('permission');
});

it('I28 finds what is not watched', async () => {
  const breach = await plantBreach(database.owner, ['delete from portcullis.revocation']);
  expect(breach.get('I28')).toContain('not watched');
});
