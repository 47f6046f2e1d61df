import { randomUUID } from 'node:crypto';
import { createTestDatabase, planStock } from '#testkit';
import type { TestDatabase } from '#testkit';
import { commitTransition } from './commit-transition';
import { findReplay } from './find-transition';
import { fsck } from './fsck';
import { relinquishOutput } from './offers';
import { reserveOutputs } from './reservations';
import { tenantOf } from './tenant';
import { proposeTrust } from './trust-changes';

let database: TestDatabase;

interface Walled {
  readonly name: string;
}

const TENANT_TABLES = `select c.relname as name from pg_class c where c.relnamespace = 'portcullis'::regnamespace and c.relrowsecurity order by 1`;

/** Runs on one connection, as portcullis_tenant, in the context that is given, and undoes it. */
const asTenant = async <T>(context: string | undefined, sql: string): Promise<T> => {
  const runner = database.dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    await runner.query('set local role portcullis_tenant');
    if (context !== undefined) await runner.query(`select set_config('portcullis.organisation', $1, true)`, [context]);
    return (await runner.query(sql)) as T;
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
};

const reserve = (organisation: string, basket: string) =>
  reserveOutputs(database.dataSource, {
    ...{ id: randomUUID(), organisation, identityKey: `key of ${organisation}`, basket },
    ...{ want: { outputs: 1 }, ttlMs: 60_000, requestKey: randomUUID() },
  });

/** Each of two organisations has something in nearly every table. */
const settle = async (organisation: string): Promise<void> => {
  const { dataSource: db, owner } = database;
  const { input } = planStock([{ tags: ['a'] }, {}], { organisation });
  expect(await commitTransition(db, input)).toMatchObject({ ok: true });
  expect(await reserve(organisation, 'goods')).toMatchObject({ ok: true });
  const actor = { organisation, identityKey: `key of ${organisation}`, requestId: 'r' };
  const content = { kind: 'pin', gateway: `gateway of ${organisation}`, organisation: 'elsewhere' } as const;
  const terms = { needed: 1, members: [], configured: [] };
  expect(await proposeTrust(db, { actor, id: randomUUID(), content, effectiveAt: undefined, ...terms })).toMatchObject({
    ok: true,
  });
  await owner.query(
    `insert into portcullis.subject_key (organisation, subject, id, wrapped, wrapped_by) values ($1, 's', gen_random_uuid(), '', 'k')`,
    [organisation],
  );
  await owner.query(`insert into portcullis.event_feed (name, kind, organisation) values ($1, 'webhook', $2)`, [
    ...[`webhook:${organisation}`, organisation],
  ]);
  await owner.query(
    `insert into portcullis.reliance (transition_id, certificate_hash, state, source)
     select id, sha256(id::text::bytea), 'not-revocable', 'the certificate' from portcullis.transition where organisation = $1`,
    [organisation],
  );
};

beforeAll(async () => {
  database = await createTestDatabase();
  await settle('acme');
  await settle('globex');
}, 90_000);
afterAll(() => database.drop());

const listTables = async (): Promise<string[]> =>
  (await database.owner.query<Walled[]>(TENANT_TABLES)).map(({ name }) => name);

describe('the context of an organisation', () => {
  it('shows a statement without any WHERE its own rows and no others, in every table', async () => {
    const { dataSource } = database;
    const seen: string[] = [];
    for (const table of await listTables()) {
      const all = await dataSource.query<{ count: number }[]>(`select count(*)::int as count from portcullis.${table}`);
      const [acme, globex, nobody] = await Promise.all(
        ['acme', 'globex', 'initech'].map((name) =>
          tenantOf(dataSource, name).query<object[]>(`select t.*, t::text as whole from portcullis.${table} t`),
        ),
      );
      expect([table, (acme?.length ?? 0) + (globex?.length ?? 0)]).toEqual([table, all[0]?.count]);
      expect([table, nobody]).toEqual([table, []]);
      const organisations = [acme, globex].map((rows) => [
        ...new Set(rows?.flatMap((row) => ('organisation' in row ? [row.organisation] : []))),
      ]);
      for (const [place, name] of ['acme', 'globex'].entries()) {
        expect([name, ...(organisations[place] ?? [])].every((found) => found === name)).toBe(true);
      }
      if (acme?.length && globex?.length) seen.push(table);
    }
    expect(seen).toEqual(
      expect.arrayContaining([
        ...['audit_leaf', 'audited_act', 'basket_output', 'basket_output_tag', 'event_feed', 'outbox', 'reliance'],
        ...['reservation', 'settlement_event', 'subject_key', 'transition', 'trust_approval', 'trust_change'],
        ...['trust_pin', 'trust_registry'],
      ]),
    );
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['that of all', '*'],
  ])('shows nothing where it is %s', async (_, context) => {
    for (const table of await listTables()) {
      expect([table, await asTenant(context, `select * from portcullis.${table}`)]).toEqual([table, []]);
    }
  });

  it.each([
    ['inserted', `insert into portcullis.trust_registry (organisation) values ('globex-2')`],
    ['inserted as a leaf', `insert into portcullis.audit_leaf (organisation, leaf) values ('globex', 'x')`],
    ['inserted by a function', `select portcullis.record_act('offered', 'globex', 'x', 'x')`],
    [
      'inserted under a row that is not seen',
      `insert into portcullis.trust_approval (change_id, identity_key, approved_at, leaf_index)
       select id, 'me', now(), 0 from unnest(array(select null::uuid)) id`,
    ],
    ['given away', `update portcullis.trust_registry set organisation = 'globex-3'`],
  ])('refuses a row of another organisation that is %s', async (_, sql) => {
    await expect(asTenant('acme', sql)).rejects.toThrow(/row-level security policy/);
  });

  it.each([
    ['updates', `update portcullis.basket_output set relinquished = true where organisation = 'globex' returning 1`],
    ['deletes', `delete from portcullis.event_feed where organisation = 'globex' returning 1`],
    ['locks', `select from portcullis.reservation where organisation = 'globex' for update`],
  ])('%s nothing of another organisation', async (_, sql) => {
    const answer = await asTenant<unknown[]>('acme', sql);
    expect([answer, (answer[0] as unknown[] | undefined)?.length ?? 0]).toEqual([answer, 0]);
  });

  it.each([
    ['commits nothing by hand', `insert into portcullis.transition (id) values (gen_random_uuid())`],
    ['opens no door to another', `select * from portcullis.find_replay('globex', 'x')`],
    ['has no certificates of another handed out', `select * from portcullis.certificates_of('globex', 's', 1)`],
    ['reads no sessions', 'select * from portcullis.auth_session'],
    ['settles nothing', `select portcullis.retract_transition('x', '{}', '{}')`],
  ])('%s', async (_, sql) => {
    await expect(asTenant('acme', sql)).rejects.toThrow(/permission denied|does not exist/);
  });

  it('leaves a connection as it was, whether its statement succeeded or failed', async () => {
    const runner = database.dataSource.createQueryRunner();
    const look = async (): Promise<unknown> =>
      runner.query(
        `select current_user::text as who, coalesce(current_setting('portcullis.organisation', true), '') as context`,
      );
    try {
      const before = await look();
      expect(before).toEqual([{ who: 'portcullis_app', context: '' }]);
      const db = tenantOf(runner.manager, `o'; drop table x; --é`);
      const who = `select current_user::text as who, current_setting('portcullis.organisation') as context`;
      expect(await db.query(who)).toEqual([{ who: 'portcullis_tenant', context: `o'; drop table x; --é` }]);
      await expect(db.query('select 1 / 0')).rejects.toThrow('division by zero');
      expect(await look()).toEqual([{ who: 'portcullis_app', context: '' }]);
    } finally {
      await runner.release();
    }
  });

  it('holds within a transaction of somebody else and ends with its statement', async () => {
    await database.dataSource.transaction(async (manager) => {
      const count = 'select count(*)::int as count from portcullis.transition';
      expect(await tenantOf(manager, 'acme').query(count)).toEqual([{ count: 1 }]);
      expect(await manager.query(count)).toEqual([{ count: 2 }]);
      expect(await manager.query('select current_user::text as who')).toEqual([{ who: 'portcullis_app' }]);
    });
  });

  it('is that of the door, whatever the door is asked for, and ends with it', async () => {
    const { dataSource: db, owner } = database;
    const [theirs] = await owner.query<{ request_key: string; request_digest: Buffer }[]>(
      `select request_key, request_digest from portcullis.transition where organisation = 'globex'`,
    );
    const { request_key: key, request_digest: digest } = theirs as { request_key: string; request_digest: Buffer };
    expect(await findReplay(db, 'globex', key, digest)).toMatchObject({
      ok: true,
      value: { txid: expect.any(String) },
    });
    expect(await findReplay(db, 'acme', key, digest)).toEqual({ ok: true, value: undefined });
    const left = await db.query(`select coalesce(current_setting('portcullis.organisation', true), '') as context`);
    expect(left).toEqual([{ context: '' }]);
  });

  it('holds a door whose statement has lost its WHERE', async () => {
    const runner = database.owner.createQueryRunner();
    await runner.startTransaction();
    try {
      await runner.query(`create or replace function portcullis.find_replay(tenant text, key text)
        returns table (id uuid, request_digest bytea, receipt jsonb) language plpgsql stable security definer rows 1
        set search_path = pg_catalog, pg_temp as $$
        begin
          perform set_config('portcullis.organisation', tenant, true);
          return query select t.id, t.request_digest, t.receipt from portcullis.transition t;
        end $$`);
      await runner.query('set local role portcullis_app');
      expect(await runner.query(`select * from portcullis.find_replay('acme', 'x')`)).toHaveLength(1);
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
  });

  it('gives up only what is its own', async () => {
    const [theirs] = await database.owner.query<{ outpoint: Buffer }[]>(
      `select portcullis.make_outpoint(txid, vout) as outpoint from portcullis.basket_output where organisation = 'globex' limit 1`,
    );
    const actor = { organisation: 'acme', identityKey: 'key of acme', requestId: 'r', basket: 'goods' };
    const given = await relinquishOutput(database.dataSource, { ...actor, outpoint: theirs?.outpoint as never });
    expect(given).toMatchObject({ ok: false, rejection: { code: 'basket-output-absent' } });
  });
});

describe('fsck, of the walls between organisations', () => {
  it.each([
    ['a table that a later migration adds without a policy', 'create table portcullis.later (organisation text)'],
    ['a wall that was opened', 'alter table portcullis.offer disable row level security'],
    ['a wall that its owner passes by', 'alter table portcullis.offer no force row level security'],
    ['a policy that is gone', 'drop policy own on portcullis.trust_approval'],
    ['a policy that shows everything', 'alter policy own on portcullis.reservation using (true) with check (true)'],
    ['a policy that takes everything', 'alter policy own on portcullis.reservation with check (true)'],
    ['one policy more', 'create policy more on portcullis.reservation for select to portcullis_tenant using (true)'],
  ])('finds %s', async (_, sql) => {
    const runner = database.owner.createQueryRunner();
    await runner.startTransaction();
    try {
      const walls = async () => (await fsck(runner.manager)).find(({ invariant }) => invariant === 'I25');
      expect(await walls()).toMatchObject({ ok: true, violations: [] });
      await runner.query(sql);
      expect(await walls()).toMatchObject({ ok: false });
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
  });
});
