import { randomUUID } from 'node:crypto';
import { sha256 } from '#atomic-core';
import { buildPlainTransaction, createTestDatabase, planPlainCommit, randomOutpoint } from '#testkit';
import type { TestDatabase } from '#testkit';
import { DataSource } from 'typeorm';
import { commitTransition } from './commit-transition';
import { fsck } from './fsck';
import { APP_ROLE } from './sql/roles';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  for (let index = 0; index < 3; index += 1) {
    await commitTransition(
      database.dataSource,
      planPlainCommit({ subject: buildPlainTransaction([randomOutpoint()]) }),
    );
  }
}, 90_000);
afterAll(() => database.drop());

const tampering = [
  `update portcullis.audit_leaf set leaf = 'x'`,
  `update portcullis.audit_leaf set at = now() where index = 1`,
  `delete from portcullis.audit_leaf where index = 2`,
  'truncate portcullis.audit_leaf',
  'truncate portcullis.audit_leaf cascade',
];

describe('the audit table', () => {
  it.each(tampering)('refuses the application: %s', async (statement) => {
    await expect(database.dataSource.query(statement)).rejects.toThrow('permission denied');
  });

  it.each(tampering)('refuses even the owner: %s', async (statement) => {
    await expect(database.owner.query(statement)).rejects.toThrow('append-only');
  });

  it.each([
    `update portcullis.audit_head set next_index = 0`,
    `delete from portcullis.audit_head`,
    `insert into portcullis.audit_leaf (index, organisation, leaf, leaf_hash, previous_hash, hash, at)
     values (0, 'acme', 'x', 'x', 'x', 'x', now())`,
    `update portcullis.settlement_event set settlement = 'final'`,
    `delete from portcullis.transition`,
    `delete from portcullis.payment_claim`,
    'alter table portcullis.audit_leaf disable trigger all',
    'drop trigger refuse_audit_change on portcullis.audit_leaf',
    'create table portcullis.mine (a int)',
    'insert into portcullis.migration (timestamp, name) values (1, $$x$$)',
  ])('gives the application no way to: %s', async (statement) => {
    await expect(database.dataSource.query(statement)).rejects.toThrow(/permission denied|must be owner/);
  });

  it('chains every leaf by itself, whoever inserts it', async () => {
    const leaves = await database.dataSource.query<
      { index: string; leaf: Buffer; leaf_hash: Buffer; previous_hash: Buffer; hash: Buffer }[]
    >('select * from portcullis.audit_leaf order by index');
    let previous: Buffer = Buffer.alloc(32);
    for (const [place, row] of leaves.entries()) {
      expect(Number(row.index)).toBe(place);
      expect(row.leaf_hash).toEqual(sha256(row.leaf));
      expect(row.previous_hash).toEqual(previous);
      expect(row.hash).toEqual(sha256(Buffer.concat([previous, row.leaf_hash])));
      previous = row.hash;
    }
    expect(leaves).toHaveLength(3);
  });

  it('runs the whole ledger without owning any of it', async () => {
    const owned = await database.dataSource.query(
      `select relname from pg_class where relowner = 'portcullis_app'::regrole`,
    );
    expect(owned).toEqual([]);
    expect((await fsck(database.dataSource)).filter(({ ok }) => !ok)).toEqual([]);
  });
});

describe('the role of the application', () => {
  it('may exist already', async () => {
    await expect(database.owner.query(APP_ROLE)).resolves.toBeDefined();
  });

  it('names the statements to run when the migrating login may not grant it', async () => {
    const login = `migrator_${randomUUID().replaceAll('-', '')}`;
    const password = randomUUID();
    await database.owner.query(`create role ${login} login password '${password}'`);
    const url = new URL(database.url);
    url.username = login;
    url.password = password;
    const migrator = await new DataSource({ type: 'postgres', extra: { connectionString: url.href } }).initialize();
    try {
      await expect(migrator.query(APP_ROLE)).rejects.toThrow(`GRANT portcullis_app TO ${login}`);
    } finally {
      await migrator.destroy();
      await database.owner.query(`drop role ${login}`);
    }
  });
});
