import { printOutpoint, type Txid } from '#atomic-core';
import {
  createTestDatabase,
  presentPlainCertificate,
  randomOutpoint,
  type PresentedCertificate,
  type TestDatabase,
} from '#testkit';
import type { DataSource } from 'typeorm';
import { eraseDisclosures } from './certificates';
import { keepGatewayCertificates } from './gateway-certificates';
import { listOldestRevocations, measureRevocations, recordRevocation } from './revocations';

let database: TestDatabase;
let db: DataSource;
beforeAll(async () => {
  database = await createTestDatabase();
  db = database.dataSource;
}, 90_000);
afterAll(() => database.drop());

const present = (state?: 'good' | 'unknown'): Promise<PresentedCertificate> => presentPlainCertificate(db, state);

it('how old answers are is told of so many: of what nobody knows first, then of the oldest, and not of what is revoked or of nobody', async () => {
  const [unknown, old, fresh] = [await present('unknown'), await present(), await present()];
  const [revoked, erased] = [await present(), await present()];
  const age = (one: typeof old, hours: number) =>
    db.query("update portcullis.revocation set as_of = now() - $2 * interval '1 hour' where outpoint = $1", [
      one.revocationOutpoint,
      hours,
    ]);
  await age(old, 2_000);
  await age(fresh, 1_999);
  await age(erased, 3_000);
  const [key] = await db.query<{ id: string }[]>('select key_id as id from portcullis.certificate where subject = $1', [
    erased.subject,
  ]);
  await eraseDisclosures(db, { organisation: 'acme', identityKey: erased.subject, requestId: 'r' }, key!);
  await recordRevocation(db, {
    ...{ outpoint: revoked.revocationOutpoint, lookedAt: new Date(), source: 'test', state: 'revoked' },
    spenderTxid: 'ab'.repeat(32) as Txid,
  });
  const all = await listOldestRevocations(db, 1_000);
  const names = all.map(({ outpoint }) => printOutpoint(outpoint));
  const placeOf = (one: typeof old): number => names.indexOf(printOutpoint(one.revocationOutpoint));
  expect(all[placeOf(unknown)]).toMatchObject({ state: 'unknown' });
  expect(placeOf(unknown)).toBeLessThan(placeOf(old));
  expect(placeOf(fresh)).toBe(placeOf(old) + 1);
  expect(all[placeOf(old)]?.ageSeconds).toBeCloseTo(7_200_000, -2);
  expect([placeOf(revoked), placeOf(erased)]).toEqual([-1, -1]);
  expect(await listOldestRevocations(db, 2)).toHaveLength(2);
});

it('a certificate of the gateway itself is measured as it is watched', async () => {
  const before = await measureRevocations(db);
  const outpoint = randomOutpoint();
  await keepGatewayCertificates(db, [{ hash: new Uint8Array(32), subject: 'gateway', certifier: 'c', outpoint }]);
  expect(await measureRevocations(db)).toMatchObject({ good: before.good, unknown: before.unknown + 1 });
  const [oldest] = await listOldestRevocations(db, 1);
  expect(printOutpoint(oldest!.outpoint)).toBe(printOutpoint(outpoint));
});
