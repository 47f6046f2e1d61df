import { digestProposal, limits } from '#atomic-core';
import {
  createTestDatabase,
  makeTrustOrganisation,
  planBundledRule,
  planPlainProposal,
  planTrust,
  planTrustImport,
  TRUST_PIN,
  waitUntil,
  type PlainProposal,
  type TestDatabase,
} from '#testkit';
import { commitTransition } from './commit-transition';
import { fsck } from './fsck';
import { approveProposal, proposeTransaction, withdrawApproval, withdrawProposal } from './proposal-acts';
import { isFullOfProposals, isProposalPaid } from './proposals';
import { proposeTrust } from './trust-changes';
import { listTrustRules } from './trust-rules';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
}, 90_000);
afterAll(async () => {
  const broken = (await fsck(database.dataSource)).filter(({ ok }) => !ok);
  await database.drop();
  expect(broken).toEqual([]);
});

const db = () => database.dataSource;
const actor = (identityKey: string, organisation: string) => ({ organisation, identityKey, requestId: 'r' });
const open = async (): Promise<PlainProposal> => {
  const plan = planPlainProposal({});
  expect(await proposeTransaction(db(), plan.request)).toEqual({ ok: true, value: plan.id });
  return plan;
};

it('a party leaves sixteen approvals with one proposal at most, however many identities it makes for them', async () => {
  const plan = await open();
  for (let count = 0; count < 16; count += 1) {
    const who = `gil ${count}`;
    expect(await approveProposal(db(), plan.approve(who, 'globex'))).toMatchObject({ ok: true });
    expect(await withdrawApproval(db(), actor(who, 'globex'), plan.id)).toMatchObject({ ok: true });
  }
  expect(await approveProposal(db(), plan.approve('one more', 'globex'))).toMatchObject({
    rejection: { code: 'approvals-exhausted' },
  });
  // Who has one may give it again, and other parties have room of their own.
  expect(await approveProposal(db(), plan.approve('gil 3', 'globex'))).toMatchObject({ ok: true });
  expect(await approveProposal(db(), plan.approve('ben', 'bank'))).toMatchObject({ ok: true });
});

it('a proposal that has ended keeps nothing of what it would have done but its hash', async () => {
  const plan = await open();
  const { proposer } = plan.request.terms;
  expect(await withdrawProposal(db(), actor(proposer.identityKey, proposer.organisation), plan.id)).toMatchObject({
    ok: true,
  });
  const rows = await db().query<unknown[]>(
    'select beef, off_chain_values, content, octet_length(content_hash) as hash from portcullis.proposal where id = $1',
    [plan.id],
  );
  expect(rows).toEqual([{ beef: null, off_chain_values: null, content: null, hash: 32 }]);
});

const leafOf = async (plan: PlainProposal, who: string, organisation: string): Promise<number> => {
  const given = await approveProposal(db(), plan.approve(who, organisation));
  if (!given.ok || given.value === undefined) throw new Error('It was not given.');
  return given.value.auditLeaf;
};

it('an approval that was weighed and counts no longer fills no place of a colleague', async () => {
  const plan = await open();
  const lapsed = [await leafOf(plan, 'gone', 'globex')];
  for (let count = 1; count < limits.PROPOSAL_APPROVALS_OF_ONE_MAX; count += 1)
    await leafOf(plan, `gil ${count}`, 'globex');
  const more = plan.approve('one more', 'globex');
  for (const filled of [more, { ...more, lapsed: [] }, { ...more, lapsed: [-1] }])
    expect(await approveProposal(db(), filled)).toMatchObject({ rejection: { code: 'approvals-exhausted' } });
  expect(await approveProposal(db(), { ...more, lapsed })).toMatchObject({ ok: true });
});

it('the COMMIT counts the approval that was weighed, and none that was given in its place since', async () => {
  const plan = await open();
  const leaves = [await leafOf(plan, 'gil', 'globex'), await leafOf(plan, 'ben', 'bank')];
  const weigh = (auditLeaves: readonly number[]) => {
    const input = plan.commit([
      ['gil', 'globex'],
      ['ben', 'bank'],
    ]);
    const { proposal } = input;
    if (proposal === undefined) throw new Error('It commits a proposal.');
    const approvals = proposal.approvals.map((one, place) => ({ ...one, auditLeaf: auditLeaves[place] ?? -1 }));
    return { ...input, proposal: { ...proposal, approvals } };
  };
  expect(await withdrawApproval(db(), actor('gil', 'globex'), plan.id)).toMatchObject({ ok: true });
  const again = await leafOf(plan, 'gil', 'globex');
  expect(await commitTransition(db(), weigh(leaves))).toMatchObject({ rejection: { code: 'approval-lapsed' } });
  expect(await commitTransition(db(), weigh([again, ...leaves.slice(1)]))).toMatchObject({ ok: true });
});

/** A registry with one rule, and the COMMIT of a proposal that rests on it. */
const openTrusting = async () => {
  const registry = makeTrustOrganisation();
  for (const content of [TRUST_PIN, planTrustImport(1, [planBundledRule()])])
    expect(await proposeTrust(db(), planTrust(registry, content))).toMatchObject({ ok: true });
  // A rule is in force from the next millisecond on.
  await waitUntil('the rule is in force', async () => (await listTrustRules(db(), registry)).length === 1);
  const [rule] = await listTrustRules(db(), registry);
  if (rule === undefined) throw new Error('No rule is in force.');
  const plan = await open();
  const wish = [
    ['gil', 'globex'],
    ['ben', 'bank'],
  ] as const;
  for (const [who, organisation] of wish) await leafOf(plan, who, organisation);
  const { proposal, ...rest } = plan.commit(wish);
  if (proposal === undefined) throw new Error('It commits a proposal.');
  return { registry, rule, input: { ...rest, proposal: { ...proposal, trust: [{ registry, rule: rule.id }] } } };
};
const ask = async <T>(sql: string): Promise<T | undefined> => (await database.owner.query<T[]>(sql))[0];
const isWaiting = async (name: string): Promise<boolean> =>
  (
    await ask<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and query like '%${name}%' and datname = current_database()`,
    )
  )?.n === 1;

it('a trust rule that ends while the COMMIT waits for others is trusted no longer', async () => {
  const { rule, input } = await openTrusting();
  let ended: ReturnType<typeof commitTransition> | undefined;
  await database.owner.transaction(async (manager) => {
    await manager.query('select from portcullis.audit_head for update');
    await database.owner.query(
      `update portcullis.trust_rule set valid_until = clock_timestamp() + interval '4 seconds' where id = '${rule.id}'`,
    );
    ended = commitTransition(db(), input);
    const over = `select valid_until < clock_timestamp() as over from portcullis.trust_rule where id = '${rule.id}'`;
    await waitUntil('the COMMIT waits', () => isWaiting('commit_proposal'));
    await waitUntil('the rule has ended', async () => (await ask<{ over: boolean }>(over))?.over === true);
  });
  expect(await ended).toMatchObject({
    rejection: { code: 'approval-lapsed', detail: 'a certifier is trusted no longer' },
  });
});

it('a COMMIT that rests on trust does not pass by a change of that trust which waits for others', async () => {
  const { registry, input } = await openTrusting();
  let changed: ReturnType<typeof proposeTrust> | undefined;
  let ended: ReturnType<typeof commitTransition> | undefined;
  await database.owner.transaction(async (manager) => {
    await manager.query('select from portcullis.trust_registry where organisation = $1 for share', [registry]);
    changed = proposeTrust(db(), planTrust(registry, planTrustImport(2, [])));
    await waitUntil('the change waits', () => isWaiting('propose_trust'));
    ended = commitTransition(db(), input);
    await waitUntil('the COMMIT waits', () => isWaiting('commit_proposal'));
  });
  expect(await changed).toMatchObject({ ok: true });
  // The newer bundle has no rule any more.
  expect(await ended).toMatchObject({ rejection: { code: 'approval-lapsed' } });
});

it('an organisation is full before anybody pays, and room again when one has ended', async () => {
  const proposer = { organisation: 'full', identityKey: 'ann' };
  const plans = Array.from({ length: limits.PROPOSALS_OPEN_MAX }, () => planPlainProposal({ proposer }));
  for (const plan of plans) {
    expect(await isFullOfProposals(db(), 'full')).toBe(false);
    expect(await proposeTransaction(db(), plan.request)).toMatchObject({ ok: true });
  }
  expect(await isFullOfProposals(db(), 'full')).toBe(true);
  expect(await isFullOfProposals(db(), 'acme')).toBe(false);
  await withdrawProposal(db(), actor('ann', 'full'), plans[0]!.id);
  expect(await isFullOfProposals(db(), 'full')).toBe(false);
});

it('what nobody paid for is not paid, whatever was proposed', async () => {
  const plan = planPlainProposal({});
  const digest = digestProposal(plan.request.terms);
  const payer = { identityKey: 'ann', requestDigest: digest };
  expect(await isProposalPaid(db(), payer, digest)).toBe(false);
  expect(await proposeTransaction(db(), plan.request)).toMatchObject({ ok: true });
  expect(await isProposalPaid(db(), payer, digest)).toBe(false);
});
