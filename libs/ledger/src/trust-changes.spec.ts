import { decodeLeaf, hashState } from '#atomic-core';
import {
  TRUST_MEMBERS,
  createTestDatabase,
  makeTrustOrganisation,
  planTrust,
  planTrustRule,
  plantBreach,
  trustActor,
  type TestDatabase,
} from '#testkit';
import type { DataSource } from 'typeorm';
import { fsck } from './fsck';
import { approveTrust, listTrustChanges, proposeTrust, withdrawTrust } from './trust-changes';
import type { TrustContent, TrustProposal } from './trust-changes';
import { listTrustRules } from './trust-rules';

const HOUR_MS = 3_600_000;

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

const propose = async (proposal: TrustProposal) => {
  const done = await proposeTrust(db, proposal);
  if (!done.ok) throw new Error(`${done.rejection.code} ${done.rejection.detail}`);
  return done.value;
};
const codeOf = async (proposal: TrustProposal): Promise<string> => {
  const done = await proposeTrust(db, proposal);
  return done.ok ? done.value.state : done.rejection.code;
};
const approve = async (organisation: string, identityKey: string, id: string, needed = 2, members = TRUST_MEMBERS) => {
  const done = await approveTrust(db, trustActor(organisation, identityKey), {
    ...{ id, needed, members, issuer: 'https://idp.example', configured: [] },
  });
  return done.ok ? done.value.state : done.rejection.code;
};
const later = (ms: number): Date => new Date(Date.now() + ms);
const count = (list: readonly string[], value: string): number => list.filter((one) => one === value).length;

describe('a rule', () => {
  it('is in force from the moment of its change until it ends, and what was in force before stays as it was', async () => {
    const organisation = makeTrustOrganisation();
    const began = later(HOUR_MS);
    const ends = later(3 * HOUR_MS);
    const change = await propose(
      planTrust(organisation, planTrustRule({ until: ends.toISOString() }), { effectiveAt: began }),
    );
    expect(change).toMatchObject({ state: 'scheduled', tookEffectAt: began, approvals: [{ identityKey: 'ann' }] });
    const at = async (moment?: Date) => (await listTrustRules(db, organisation, moment)).length;
    expect(await at()).toBe(0);
    expect(await at(new Date(began.getTime() - 1))).toBe(0);
    expect(await at(began)).toBe(1);
    expect(await at(new Date(ends.getTime() - 1))).toBe(1);
    expect(await at(ends)).toBe(0);
    const [found] = await listTrustRules(db, organisation, began);
    expect(found).toMatchObject({ fields: ['name', 'role'], validFrom: began, validUntil: ends, source: undefined });
    const end: TrustContent = { kind: 'end', id: found!.id };
    const ended = later(2 * HOUR_MS);
    expect(await codeOf(planTrust(organisation, end, { effectiveAt: ended }))).toBe('scheduled');
    expect(await at(new Date(ended.getTime() - 1))).toBe(1);
    expect(await at(ended)).toBe(0);
    expect(await codeOf(planTrust(organisation, end, { effectiveAt: ended }))).toBe('trust-rule-unknown');
  });

  it('that is ended before it begins is never in force, and leaves room for another', async () => {
    const organisation = makeTrustOrganisation();
    const content = planTrustRule();
    const began = later(HOUR_MS);
    await propose(planTrust(organisation, content, { effectiveAt: began }));
    const [found] = await listTrustRules(db, organisation, began);
    await propose(planTrust(organisation, { kind: 'end', id: found!.id }));
    expect(await listTrustRules(db, organisation, began)).toEqual([]);
    expect(await codeOf(planTrust(organisation, content, { effectiveAt: began }))).toBe('scheduled');
  });

  it('takes effect as it is agreed where its moment is over by then, and never before', async () => {
    const organisation = makeTrustOrganisation();
    const before = Date.now();
    const change = await propose(planTrust(organisation, planTrustRule(), { effectiveAt: later(-HOUR_MS) }));
    expect(change.tookEffectAt!.getTime()).toBeGreaterThanOrEqual(before);
    expect(await listTrustRules(db, organisation, new Date(before - 1))).toEqual([]);
    expect(await listTrustRules(db, organisation, change.tookEffectAt)).toHaveLength(1);
  });

  it('contradicts no other: neither one in force, nor one to come, nor one of the configuration', async () => {
    const organisation = makeTrustOrganisation();
    const first = { certifier: 'c', type: 't', fields: ['name'], revocable: true };
    await propose(planTrust(organisation, planTrustRule(first), { effectiveAt: later(HOUR_MS) }));
    const cases: readonly [TrustProposal, string][] = [
      [planTrust(organisation, planTrustRule(first)), 'trust-rule-conflict'],
      [planTrust(organisation, planTrustRule({ ...first, certifier: 'd', fields: ['role'] })), 'trust-rule-conflict'],
      [planTrust(organisation, planTrustRule({ ...first, until: later(HOUR_MS / 2).toISOString() })), 'effective'],
      [planTrust(organisation, planTrustRule({ ...first, certifier: 'd' })), 'effective'],
      [planTrust(organisation, planTrustRule({ until: later(-1).toISOString() })), 'trust-change-late'],
      [planTrust(organisation, planTrustRule(first), { configured: [first] }), 'trust-rule-conflict'],
      [planTrust(makeTrustOrganisation(), planTrustRule(first), { configured: [first] }), 'trust-rule-conflict'],
      [
        planTrust(makeTrustOrganisation(), planTrustRule(first), {
          configured: [{ ...first, certifier: 'd', fields: [] }],
        }),
        'trust-rule-conflict',
      ],
      [planTrust(makeTrustOrganisation(), planTrustRule(first)), 'effective'],
    ];
    for (const [place, [proposal, wanted]] of cases.entries())
      expect([place, await codeOf(proposal)]).toEqual([place, wanted]);
  });
});

describe('a change that needs two people', () => {
  it('waits for another identity: the same one twice is one, and is no act', async () => {
    const organisation = makeTrustOrganisation();
    const change = await propose(planTrust(organisation, planTrustRule(), { needed: 2 }));
    expect(change).toMatchObject({ state: 'proposed', tookEffectAt: undefined });
    expect(await approve(organisation, 'ann', change.id)).toBe('proposed');
    expect(await listTrustRules(db, organisation, later(HOUR_MS))).toEqual([]);
    expect(await approve(organisation, 'bob', change.id)).toBe('effective');
    expect(await approve(organisation, 'bob', change.id)).toBe('effective');
    expect(await approve(organisation, 'cleo', change.id)).toBe('trust-change-ended');
    const [found] = await listTrustChanges(db, organisation, { limit: 10, before: undefined });
    expect(found?.approvals.map(({ identityKey }) => identityKey)).toEqual(['ann', 'bob']);
    const leaves = await db.query<{ leaf: Buffer }[]>(
      'select l.leaf from portcullis.audited_act a join portcullis.audit_leaf l on l.index = a.leaf_index where a.ref = $1 order by 1',
      [change.id],
    );
    const decoded = leaves
      .map(({ leaf }) => decodeLeaf(leaf))
      .sort((a, b) => (a!.identityKey < b!.identityKey ? -1 : 1));
    const afterHash = hashState([`add ${change.id} ${change.contentHash} at once`]);
    expect(decoded).toMatchObject([
      { decision: 'trust-proposed', identityKey: 'ann', organisation, subject: change.id, afterHash },
      { decision: 'trust-approved', identityKey: 'bob', organisation, subject: change.id, afterHash },
    ]);
  });

  it('is agreed to by those who are members when it takes effect, by one way of coming in, and by no machine', async () => {
    const organisation = makeTrustOrganisation();
    const change = await propose(planTrust(organisation, planTrustRule(), { needed: 2 }));
    // Ann proposed it, and has left since; Bob came by his key and once more by his account; a machine is nobody.
    const left = ['bob', 'cleo'];
    expect(await approve(organisation, 'bob', change.id, 2, left)).toBe('proposed');
    expect(await approve(organisation, 'person:https://idp.example#bob', change.id, 2, left)).toBe('proposed');
    expect(await approve(organisation, 'machine:bot', change.id, 2, left)).toBe('proposed');
    // The link of the first run, and another provider, may be the same person.
    expect(await approve(organisation, 'person:urn:portcullis:setup#owner', change.id, 2, left)).toBe('proposed');
    expect(await approve(organisation, 'person:https://idp.example.evil#bob', change.id, 2, left)).toBe('proposed');
    expect(await approve(organisation, 'cleo', change.id, 2, left)).toBe('effective');

    const other = await propose(planTrust(organisation, planTrustRule(), { needed: 2 }));
    expect(await approve(organisation, 'person:https://idp.example#bob', other.id)).toBe('proposed');
    expect(await approve(organisation, 'person:https://idp.example/#bob', other.id)).toBe('proposed');
    expect(await approve(organisation, 'person:https://idp.example#dan', other.id)).toBe('effective');
  });

  it('has its moment in the leaf', async () => {
    const organisation = makeTrustOrganisation();
    const effectiveAt = later(HOUR_MS);
    const change = await propose(planTrust(organisation, planTrustRule(), { effectiveAt }));
    const [row] = await db.query<{ leaf: Buffer }[]>(
      'select l.leaf from portcullis.audited_act a join portcullis.audit_leaf l on l.index = a.leaf_index where a.ref = $1',
      [change.id],
    );
    expect(decodeLeaf(row?.leaf ?? Buffer.alloc(0))?.afterHash).toEqual(
      hashState([`add ${change.id} ${change.contentHash} ${effectiveAt.toISOString()}`]),
    );
  });

  it('is agreed to by nobody of another organisation, and needs as many as are asked for now where those are more', async () => {
    const organisation = makeTrustOrganisation();
    const change = await propose(planTrust(organisation, planTrustRule(), { needed: 2 }));
    expect(await approve(makeTrustOrganisation(), 'bob', change.id)).toBe('trust-change-unknown');
    expect(await approve(organisation, 'bob', change.id, 3)).toBe('proposed');
    expect(await approve(organisation, 'cleo', change.id, 1)).toBe('effective');
  });

  it('is withdrawn by anybody of the organisation until then, and by nobody after', async () => {
    const organisation = makeTrustOrganisation();
    const change = await propose(planTrust(organisation, planTrustRule(), { needed: 2 }));
    expect(await withdrawTrust(db, trustActor(makeTrustOrganisation(), 'eve'), change.id)).toMatchObject({ ok: false });
    for (let round = 0; round < 2; round += 1)
      expect(await withdrawTrust(db, trustActor(organisation, 'bob'), change.id)).toMatchObject({
        value: { state: 'withdrawn', withdrawnBy: 'bob' },
      });
    expect(await approve(organisation, 'cleo', change.id)).toBe('trust-change-ended');
    const other = await propose(planTrust(organisation, planTrustRule()));
    expect(await withdrawTrust(db, trustActor(organisation), other.id)).toMatchObject({
      rejection: { code: 'trust-change-ended' },
    });
  });

  it('takes effect once, however many agree at the same moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      const organisation = makeTrustOrganisation();
      const change = await propose(planTrust(organisation, planTrustRule(), { needed: 2 }));
      const members = ['ann', ...Array.from({ length: 4 }, (_, place) => `member ${place}`)];
      const states = await Promise.all(
        Array.from({ length: 8 }, (_, place) => approve(organisation, `member ${place % 4}`, change.id, 2, members)),
      );
      // One of the four is the second; its own repetition is not refused.
      expect([2, 1]).toContain(count(states, 'effective'));
      expect(count(states, 'effective') + count(states, 'trust-change-ended')).toBe(8);
      expect(await listTrustRules(db, organisation, later(HOUR_MS))).toHaveLength(1);
    }
  });

  it('and contradicts what another change began meanwhile waits on, with no more agreement than before', async () => {
    const organisation = makeTrustOrganisation();
    const content = planTrustRule();
    const change = await propose(planTrust(organisation, content, { needed: 2 }));
    await propose(planTrust(organisation, content));
    expect(await approve(organisation, 'bob', change.id)).toBe('trust-rule-conflict');
    const found = (await listTrustChanges(db, organisation, { limit: 10, before: undefined })).find(
      ({ id }) => id === change.id,
    );
    expect(found).toMatchObject({ state: 'proposed', approvals: [{ identityKey: 'ann' }] });
  });

  it('is one of so many that wait at most', async () => {
    const organisation = makeTrustOrganisation();
    for (let place = 0; place < 64; place += 1) await propose(planTrust(organisation, planTrustRule(), { needed: 2 }));
    expect(await codeOf(planTrust(organisation, planTrustRule(), { needed: 2 }))).toBe('trust-limit-exceeded');
    expect(await codeOf(planTrust(makeTrustOrganisation(), planTrustRule(), { needed: 2 }))).toBe('proposed');
  });
});

describe('what fsck finds', () => {
  const organisation = makeTrustOrganisation();
  beforeAll(async () => {
    await propose(planTrust(organisation, planTrustRule({ type: 'planted' })));
  });

  it.each([
    [
      'two rules for a type of one certifier at once',
      [
        `insert into portcullis.trust_rule (organisation, certifier, type, fields, revocable, valid_from, valid_until, change_id)
           select organisation, certifier, type, fields, revocable, valid_from, valid_until, change_id from portcullis.trust_rule where type = 'planted'`,
      ],
    ],
    [
      'too few agreed',
      [`update portcullis.trust_change set approvals_needed = 2 where organisation = '${organisation}'`],
    ],
    [
      'for a moment that was over',
      [`update portcullis.trust_rule set valid_from = valid_from - interval '1 day' where type = 'planted'`],
    ],
    ['no pinned gateway', [`update portcullis.trust_rule set gateway = 'g', speaks_for = 's' where type = 'planted'`]],
    [
      'of another change',
      [`update portcullis.trust_change set content = content || ' ' where organisation = '${organisation}'`],
    ],
  ])('%s', async (sentence, statements) => {
    expect((await plantBreach(database.owner, statements)).get('I20')).toContain(sentence);
  });

  it('and the application cannot write it: what was decided stays', async () => {
    for (const statement of [
      'delete from portcullis.trust_rule',
      `update portcullis.trust_rule set certifier = 'x'`,
      `update portcullis.trust_change set content = 'x'`,
      'delete from portcullis.trust_approval',
    ])
      await expect(db.query(statement)).rejects.toThrow('permission denied');
  });
});
