import { randomUUID } from 'node:crypto';
import { createTestDatabase, outpointOf, planSpend, planStock } from '#testkit';
import type { TestDatabase } from '#testkit';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { listBaskets, listReservedOutputs } from './basket-outputs';
import { commitTransition } from './commit-transition';
import { entities } from './entities';
import { fsck } from './fsck';
import { migrations } from './migrations';
import { relinquishOutput } from './offers';
import { reserveOutputs } from './reservations';
import { retractTransition } from './retract-transition';
import { TENANT_ROLE } from './sql/tenant-role';
import { tenantOf } from './tenant';

/** A superuser passes by row-level security; these are the two ordinary logins of a production set-up, so that what is written here holds for them. */
const suffix = randomUUID().replaceAll('-', '');
const OWNER = `owner_${suffix}`;
const LOGIN = `login_${suffix}`;
const DATABASE = `ordinary_${suffix}`;
const password = randomUUID();

let admin: TestDatabase;
const pools: DataSource[] = [];

const urlOf = (user: string, database = DATABASE): string => {
  const url = new URL(admin.url);
  url.username = user;
  url.password = password;
  url.pathname = `/${database}`;
  return url.href;
};

const open = async (user: string, role?: string): Promise<DataSource> => {
  const extra = { connectionString: urlOf(user), ...(role !== undefined && { options: `-c role=${role}` }) };
  const options = { schema: 'portcullis', migrations: [...migrations], migrationsTableName: 'migration' };
  const pool = await new DataSource({ type: 'postgres', entities: [...entities], ...options, extra }).initialize();
  pools.push(pool);
  return pool;
};

beforeAll(async () => {
  admin = await createTestDatabase();
  await admin.owner.query(`create role ${OWNER} login nosuperuser nocreaterole nobypassrls password '${password}'`);
  await admin.owner.query(`create role ${LOGIN} login nosuperuser nocreaterole nobypassrls password '${password}'`);
  await admin.owner.query(`grant portcullis_app to ${OWNER}, ${LOGIN}`);
  await admin.owner.query(`create database ${DATABASE} owner ${OWNER}`);
  const owner = await open(OWNER);
  await owner.query('create schema portcullis');
  await owner.runMigrations({ transaction: 'each' });
}, 90_000);
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.destroy()));
  await admin.owner.query(`drop database if exists ${DATABASE} with (force)`);
  await admin.owner.query(`drop role if exists ${OWNER}, ${LOGIN}`);
  await admin.drop();
});

describe('with logins that are no superuser', () => {
  it('the ledger works over all organisations, and each organisation with its own', async () => {
    const db = await open(LOGIN, 'portcullis_app');
    const stock = async (organisation: string) => {
      const { subject, input } = planStock([{ tags: ['a'] }, {}], { organisation });
      expect(await commitTransition(db, input)).toMatchObject({ ok: true });
      return subject;
    };
    const [ours, theirs] = [await stock('acme'), await stock('globex')];
    const wanted = { id: randomUUID(), organisation: 'acme', identityKey: 'key of acme', basket: 'goods' };
    const held = await reserveOutputs(db, { ...wanted, want: { outputs: 1 }, tags: ['a'], ttlMs: 60_000 });
    expect(held).toMatchObject({ ok: true, value: { outputs: [{ outpoint: outpointOf(ours) }] } });
    expect(await listReservedOutputs(db, 'globex', wanted.id)).toEqual([]);
    const actor = { organisation: 'globex', identityKey: 'k', requestId: 'r', basket: 'goods' };
    expect(await relinquishOutput(db, { ...actor, outpoint: outpointOf(theirs, 1) })).toMatchObject({ ok: true });
    expect(await relinquishOutput(db, { ...actor, outpoint: outpointOf(ours, 1) })).toMatchObject({ ok: false });
    // A COMMIT of one organisation empties the baskets of the other, whose coin it spends.
    const spend = planSpend(theirs, [0], { organisation: 'acme' });
    expect(await commitTransition(db, spend.input)).toMatchObject({ ok: true });
    expect(await listBaskets(db, 'globex')).toEqual([]);
    expect(await retractTransition(db, spend.subject.txid, 'refused')).toEqual([spend.subject.txid]);
    expect(await listBaskets(db, 'globex')).toMatchObject([{ basket: 'goods', outputs: 1 }]);
    expect((await fsck(db)).filter(({ ok }) => !ok)).toEqual([]);
  });

  it('a statement without WHERE shows one organisation its own rows', async () => {
    const db = await open(LOGIN, 'portcullis_app');
    const sloppy = 'select distinct organisation from portcullis.basket_output';
    expect(await tenantOf(db, 'acme').query(sloppy)).toEqual([{ organisation: 'acme' }]);
    expect(await tenantOf(db, 'nobody').query(sloppy)).toEqual([]);
  });

  it('the owner is bound by the policies too: a trigger that runs as the owner writes where the application may', async () => {
    const owner = await open(OWNER);
    const sloppy = 'select distinct organisation from portcullis.basket_output order by 1';
    expect(await owner.query(sloppy)).toEqual([{ organisation: 'acme' }, { organisation: 'globex' }]);
    await admin.owner.query(`revoke portcullis_app from ${OWNER}`);
    expect(await owner.query(sloppy)).toEqual([]);
    await admin.owner.query(`grant portcullis_app to ${OWNER}`);
  });

  it('a migrating login that may not make the role is told what to run', async () => {
    const client = new Client({ connectionString: urlOf(OWNER) });
    await client.connect();
    const absent = TENANT_ROLE.replaceAll('portcullis_tenant', `absent_${suffix}`);
    try {
      await expect(client.query(absent)).rejects.toThrow(
        `CREATE ROLE absent_${suffix} NOLOGIN; GRANT absent_${suffix} TO portcullis_app; and start again.`,
      );
    } finally {
      await client.end();
    }
  });

  it.each(['bypassrls', 'superuser'])('a role that has %s is not taken for the one of organisations', async (right) => {
    const role = `loose_${suffix}`;
    await admin.owner.query(`create role ${role} nologin ${right}`);
    try {
      await expect(admin.owner.query(TENANT_ROLE.replaceAll('portcullis_tenant', role))).rejects.toThrow(
        `ALTER ROLE ${role} NOSUPERUSER NOBYPASSRLS`,
      );
    } finally {
      await admin.owner.query(`drop role ${role}`);
    }
  });
});
