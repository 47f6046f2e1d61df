import { createTestDatabase, plantBlock } from '#testkit';
import type { TestDatabase } from '#testkit';
import type { DataSource, EntityMetadata } from 'typeorm';
import { entities } from './entities';
import { findHeader } from './headers-find';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
}, 90_000);
afterAll(() => database.drop());

/** Read by set logic alone (claims, keys, sessions), or by nobody but the database itself: an entity would be one more thing to keep true. */
const WITHOUT_ENTITY = [
  'account',
  'account_entry',
  'account_use',
  'applied_transaction',
  'audit_head',
  'audited_act',
  'auth_nonce',
  'auth_session',
  'basket_output_tag',
  'certificate',
  'certification',
  'event_feed',
  'gasp_peer',
  'gateway_certificate',
  'key_succession',
  'migration',
  'offer',
  'person_session',
  'plan',
  'proposal',
  'proposal_approval',
  'proposal_count',
  'proposal_party',
  'rate_use',
  'reliance',
  'reservation',
  'revocation',
  'revocation_proof',
  'spend_proof',
  'session_end',
  'setup_link',
  'spent_outpoint',
  'subject_key',
  'topic_event',
  'topic_output_key',
  'topic_state',
  'trust_approval',
  'trust_change',
  'trust_pin',
  'trust_registry',
  'trust_rule',
  'trust_source',
  'unserved',
];

interface ColumnShape {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly primary: boolean;
}

const byName = (shapes: ColumnShape[]): ColumnShape[] => shapes.sort((a, b) => (a.name < b.name ? -1 : 1));

const readEntity = (dataSource: DataSource, { columns }: EntityMetadata): ColumnShape[] =>
  byName(
    columns
      .filter(({ isVirtualProperty }) => !isVirtualProperty)
      .map((column) => ({
        name: column.databaseName,
        type: dataSource.driver.normalizeType(column) + (column.isArray ? '[]' : ''),
        nullable: column.isNullable,
        primary: column.isPrimary,
      })),
  );

/** `columns` of the catalog for every table of the schema. */
const readCatalog = async (dataSource: Pick<DataSource, 'query'>): Promise<Map<string, ColumnShape[]>> => {
  const rows = await dataSource.query<(ColumnShape & { table: string })[]>(
    `select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable,
       coalesce(a.attnum = any(k.conkey), false) as primary
     from pg_attribute a join pg_class c on c.oid = a.attrelid
     left join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
     where c.relnamespace = 'portcullis'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped`,
  );
  const tables = new Map<string, ColumnShape[]>();
  for (const { table, ...shape } of rows) tables.set(table, [...(tables.get(table) ?? []), shape]);
  return new Map([...tables].map(([table, shapes]) => [table, byName(shapes)]));
};

const listDrift = (dataSource: DataSource, catalog: Map<string, ColumnShape[]>): string[] =>
  dataSource.entityMetadatas
    .filter((entity) => {
      const expected = JSON.stringify(catalog.get(entity.tableName));
      return JSON.stringify(readEntity(dataSource, entity)) !== expected;
    })
    .map(({ tableName }) => tableName);

describe('the entities that reads use', () => {
  it.each(entities.map(({ options }) => [String(options.tableName)]))(
    'describe %s as the migrations left it',
    async (table) => {
      const { dataSource } = database;
      const entity = dataSource.entityMetadatas.find(({ tableName }) => tableName === table) as EntityMetadata;
      expect(entity.schema).toBe('portcullis');
      expect(readEntity(dataSource, entity)).toEqual((await readCatalog(dataSource)).get(table));
    },
  );

  it('leave no table out that is not named here', async () => {
    const tables = [...(await readCatalog(database.dataSource)).keys()].sort();
    const described = database.dataSource.entityMetadatas.map(({ tableName }) => tableName);
    expect(tables).toEqual([...described, ...WITHOUT_ENTITY].sort());
  });

  it.each([
    ['a column is added', 'alter table portcullis.outbox add column extra text'],
    ['a column is dropped', 'alter table portcullis.outbox drop column last_error'],
    ['a type changes', 'alter table portcullis.outbox alter column attempts type bigint'],
    ['a null is forbidden', 'alter table portcullis.outbox alter column last_error set not null'],
    ['a null is allowed', 'alter table portcullis.outbox alter column kind drop not null'],
    ['the key changes', 'alter table portcullis.outbox drop constraint outbox_pkey, add primary key (id, dedupe_key)'],
  ])('are found out when %s in a migration alone', async (_, statement) => {
    const runner = database.owner.createQueryRunner();
    await runner.startTransaction();
    try {
      await runner.query(statement);
      const query: DataSource['query'] = (sql) => runner.query(sql) as never;
      expect(listDrift(database.owner, await readCatalog({ query }))).toEqual(['outbox']);
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
  });

  it('read inside a transaction what it has not committed yet', async () => {
    const seen = await database.owner.transaction(async (manager) => {
      const { hash } = await plantBlock(manager, 1, '11'.repeat(32));
      return [await findHeader(manager, hash), await findHeader(database.dataSource, hash)];
    });
    expect(seen).toEqual([expect.objectContaining({ height: 1, isBest: true, chainWork: 1n }), undefined]);
  });

  it('write nothing', () => {
    const columns = database.dataSource.entityMetadatas.flatMap((entity) => entity.columns);
    expect(columns.filter(({ isInsert, isUpdate }) => isInsert || isUpdate)).toEqual([]);
  });
});
