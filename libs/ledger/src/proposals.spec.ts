import { randomBytes, randomUUID } from 'node:crypto';
import { limits, sha256 } from '#atomic-core';
import {
  buildPlainTransaction,
  createTestDatabase,
  planPlainCommit,
  planPlainProposal,
  plantBreach,
  presentPlainCertificate,
  randomOutpoint,
  waitUntil,
} from '#testkit';
import type { PlainProposal, TestDatabase } from '#testkit';
import { commitTransition, commitTransitions } from './commit-transition';
import { fsck } from './fsck';
import {
  approveProposal,
  expireProposals,
  proposeTransaction,
  withdrawApproval,
  withdrawProposal,
} from './proposal-acts';
import { findProposal, findProposedContent, listProposals } from './proposals';

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
const open = async (over: Partial<PlainProposal['request']['terms']> = {}): Promise<PlainProposal> => {
  const plan = planPlainProposal(over);
  expect(await proposeTransaction(db(), plan.request)).toEqual({ ok: true, value: plan.id });
  return plan;
};
const approve = (plan: PlainProposal, who: string, organisation: string, relies: readonly object[] = []) =>
  approveProposal(db(), { ...plan.approve(who, organisation), relies: relies as never });
const moveDeadline = ({ id }: PlainProposal, away: string): Promise<unknown> =>
  database.owner.query(
    `update portcullis.proposal set deadline = clock_timestamp() + interval '${away}' where id = '${id}'`,
  );
const look = async ({ id }: PlainProposal) => (await findProposal(db(), ['acme'], id))!;

describe('a proposal', () => {
  it('is one for the same terms, and another on other terms is refused while it is open', async () => {
    const plan = await open();
    const again = { ...plan.request, id: randomUUID() };
    expect(await proposeTransaction(db(), again)).toEqual({ ok: true, value: plan.id });
    const other = { ...again, terms: { ...again.terms, needed: 1 } };
    expect(await proposeTransaction(db(), other)).toMatchObject({ rejection: { code: 'proposal-conflict' } });
    expect(await withdrawProposal(db(), actor('bob', 'acme'), plan.id)).toMatchObject({ ok: true });
    expect(await proposeTransaction(db(), other)).toEqual({ ok: true, value: other.id });
  });

  it('is there for those who take part, and for nobody else', async () => {
    const plan = await open();
    for (const organisation of ['acme', 'globex', 'bank'])
      expect(await findProposal(db(), ['x', organisation], plan.id)).toMatchObject({ id: plan.id, state: 'open' });
    expect(await findProposal(db(), ['umbrella'], plan.id)).toBeUndefined();
    expect((await listProposals(db(), ['bank', 'globex'], { limit: 1, before: undefined }))[0]).toMatchObject({
      id: plan.id,
    });
    expect(await listProposals(db(), ['umbrella'], { limit: 9, before: undefined })).toEqual([]);
    expect(await approve(plan, 'una', 'umbrella')).toMatchObject({ rejection: { code: 'proposal-unknown' } });
    expect(await withdrawProposal(db(), actor('gil', 'globex'), plan.id)).toMatchObject({
      rejection: { code: 'proposal-unknown' },
    });
  });

  it('ends with its deadline by the clock of the database, and its bytes are forgotten', async () => {
    expect(
      await proposeTransaction(db(), planPlainProposal({ deadline: '2026-01-01T00:00:00.000Z' }).request),
    ).toMatchObject({ rejection: { code: 'proposal-late' } });
    const plan = await open();
    expect(await findProposedContent(db(), plan.id)).toMatchObject({ beef: plan.request.beef });
    await moveDeadline(plan, '-1 second');
    expect((await look(plan)).state).toBe('expired');
    for (const refused of [
      await approve(plan, 'gil', 'globex'),
      await withdrawProposal(db(), actor('ann', 'acme'), plan.id),
    ])
      expect(refused).toMatchObject({ rejection: { code: 'proposal-ended', detail: 'its deadline is over' } });
    expect(await expireProposals(db(), 10)).toBe(1);
    expect(await findProposedContent(db(), plan.id)).toBeUndefined();
  });

  it('is one of so many that an organisation may have open', async () => {
    const proposer = { organisation: 'full', identityKey: 'ann' };
    for (let made = 0; made < limits.PROPOSALS_OPEN_MAX; made += 1) await open({ proposer });
    const more = planPlainProposal({ proposer });
    expect(await proposeTransaction(db(), more.request)).toMatchObject({ rejection: { code: 'proposals-exhausted' } });
    await database.owner.query(
      `update portcullis.proposal set deadline = clock_timestamp() - interval '1 second' where organisation = 'full'`,
    );
    expect(await proposeTransaction(db(), more.request)).toMatchObject({ ok: true });
  });
});

describe('an approval', () => {
  it('is given once by one identity, taken back, and given again so many times', async () => {
    const plan = await open();
    expect(await approve(plan, 'gil', 'globex')).toMatchObject({ value: { auditLeaf: expect.any(Number) as number } });
    expect(await approve(plan, 'gil', 'globex')).toEqual({ ok: true, value: undefined });
    expect((await look(plan)).approvals).toHaveLength(1);
    for (let round = 1; round < limits.PROPOSAL_ROUNDS_MAX; round += 1) {
      expect(await withdrawApproval(db(), actor('gil', 'globex'), plan.id)).toMatchObject({ ok: true });
      expect(await withdrawApproval(db(), actor('gil', 'globex'), plan.id)).toMatchObject({ ok: true });
      expect((await look(plan)).approvals).toMatchObject([{ state: 'withdrawn' }]);
      expect(await approve(plan, 'gil', 'globex')).toMatchObject({
        value: { auditLeaf: expect.any(Number) as number },
      });
    }
    await withdrawApproval(db(), actor('gil', 'globex'), plan.id);
    expect(await approve(plan, 'gil', 'globex')).toMatchObject({ rejection: { code: 'approvals-exhausted' } });
    expect(await withdrawApproval(db(), actor('guy', 'globex'), plan.id)).toMatchObject({
      rejection: { code: 'approval-unknown' },
    });
  });

  it('is one of so many of its organisation, so that nobody fills the place of others', async () => {
    const plan = await open();
    for (let given = 0; given < limits.PROPOSAL_APPROVALS_OF_ONE_MAX; given += 1)
      expect(await approve(plan, `gil ${String(given)}`, 'globex')).toMatchObject({ ok: true });
    expect(await approve(plan, 'guy', 'globex')).toMatchObject({ rejection: { code: 'approvals-exhausted' } });
    expect(await approve(plan, 'ben', 'bank')).toMatchObject({ ok: true });
  });

  it('is stopped by the revocation of what it rests on, in the statement that revokes', async () => {
    const certificate = await presentPlainCertificate(db());
    const plan = await open();
    expect(await approve(plan, 'gil', 'globex', [certificate])).toMatchObject({ ok: true });
    expect((await look(plan)).approvals).toMatchObject([{ state: 'standing' }]);
    const subject = buildPlainTransaction([certificate.revocationOutpoint]);
    expect(await commitTransition(db(), planPlainCommit({ subject }))).toMatchObject({ ok: true });
    expect((await look(plan)).approvals).toMatchObject([{ state: 'stopped' }]);
    expect(await approve(plan, 'gil', 'globex', [certificate])).toMatchObject({
      rejection: { code: 'certificate-revoked' },
    });
    // A source that says otherwise later raises no approval from the dead.
    await database.owner.query(
      `update portcullis.revocation set state = 'good', as_of = now(), spender_txid = null where outpoint = $1`,
      [certificate.revocationOutpoint],
    );
    expect((await look(plan)).approvals).toMatchObject([{ state: 'stopped' }]);
    expect(await commitTransition(db(), plan.commit([['gil', 'globex']]))).toMatchObject({
      rejection: { code: 'approval-lapsed' },
    });
    const fresh = await presentPlainCertificate(db());
    expect(await approve(plan, 'gil', 'globex', [fresh])).toMatchObject({ ok: true });
    expect((await look(plan)).approvals).toMatchObject([{ state: 'standing' }]);
  });
});

describe('the COMMIT of a proposal', () => {
  it('consumes it and says what was counted, once', async () => {
    const plan = await open();
    await approve(plan, 'gil', 'globex');
    await approve(plan, 'ben', 'bank');
    await approve(plan, 'bea', 'bank');
    const input = plan.commit([
      ['gil', 'globex'],
      ['ben', 'bank'],
    ]);
    const [one, two] = [await commitTransition(db(), input), await commitTransition(db(), { ...input })];
    expect([one, two]).toMatchObject([{ value: { kind: 'applied' } }, { value: { kind: 'replayed' } }]);
    expect(two).toMatchObject({ value: { receipt: one.ok ? one.value.receipt : undefined } });
    const seen = await look(plan);
    expect(seen).toMatchObject({ state: 'committed', submission: { settlement: 'applied' } });
    expect(seen.approvals.map(({ identityKey, isCounted }) => [identityKey, isCounted])).toEqual([
      ['gil', true],
      ['ben', true],
      ['bea', false],
    ]);
    expect(await findProposedContent(db(), plan.id)).toBeUndefined();
    for (const refused of [
      await approve(plan, 'guy', 'globex'),
      await withdrawApproval(db(), actor('gil', 'globex'), plan.id),
      await withdrawProposal(db(), actor('ann', 'acme'), plan.id),
    ])
      expect(refused).toMatchObject({ rejection: { code: 'proposal-ended' } });
    expect(await proposeTransaction(db(), { ...plan.request, id: randomUUID() })).toEqual({ ok: true, value: plan.id });
  });

  it('counts no organisation twice, nothing that was taken back, and nobody who did not sign this', async () => {
    const plan = await open();
    await approve(plan, 'gil', 'globex');
    await approve(plan, 'guy', 'globex');
    const two = plan.commit([
      ['gil', 'globex'],
      ['guy', 'globex'],
    ]);
    expect(await commitTransition(db(), two)).toMatchObject({ rejection: { code: 'quorum-incomplete' } });
    await approve(plan, 'ben', 'bank');
    const wish = [
      ['gil', 'globex'],
      ['ben', 'bank'],
    ] as const;
    const input = plan.commit(wish);
    const [first, ...rest] = input.proposal!.approvals;
    const forged = [{ ...first!, statementHash: sha256(randomBytes(8)) }, ...rest];
    expect(
      await commitTransition(db(), { ...input, proposal: { ...input.proposal!, approvals: forged } }),
    ).toMatchObject({ rejection: { code: 'approval-lapsed' } });
    await withdrawApproval(db(), actor('ben', 'bank'), plan.id);
    expect(await commitTransition(db(), plan.commit(wish))).toMatchObject({ rejection: { code: 'approval-lapsed' } });
    expect(await look(plan)).toMatchObject({ state: 'open', submission: undefined });
    await approve(plan, 'ben', 'bank');
    expect(await commitTransition(db(), plan.commit(wish))).toMatchObject({ ok: true });
  });

  const BOTH = [
    ['gil', 'globex'],
    ['ben', 'bank'],
  ] as const;
  const openApproved = async (deadline: string): Promise<PlainProposal> => {
    const plan = await open({ deadline });
    for (const [who, organisation] of BOTH) await approve(plan, who, organisation);
    return plan;
  };

  it('is refused after the deadline', async () => {
    const plan = await openApproved(new Date(Date.now() + 60_000).toISOString());
    await moveDeadline(plan, '-1 microsecond');
    expect(await commitTransition(db(), plan.commit(BOTH))).toMatchObject({ rejection: { code: 'proposal-ended' } });
  });

  it('is refused where the deadline passes while it waits for others', async () => {
    const plan = await openApproved(new Date(Date.now() + 60_000).toISOString());
    await moveDeadline(plan, '4 seconds');
    const isOver = `select deadline < clock_timestamp() as over from portcullis.proposal where id = '${plan.id}'`;
    // Not in the transaction: it sees the activity of one moment.
    const ask = async <T>(sql: string): Promise<T | undefined> => (await database.owner.query<T[]>(sql))[0];
    let ended: ReturnType<typeof commitTransition> | undefined;
    await database.owner.transaction(async (manager) => {
      await manager.query('select from portcullis.audit_head for update');
      ended = commitTransition(db(), plan.commit(BOTH));
      const waiting = `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and query like '%commit_proposal%'
        and datname = current_database()`;
      await waitUntil('the COMMIT waits', async () => (await ask<{ n: number }>(waiting))?.n === 1);
      await waitUntil('the deadline is over', async () => (await ask<{ over: boolean }>(isOver))?.over === true);
    });
    expect(await ended).toMatchObject({ rejection: { code: 'proposal-ended' } });
    expect(await look(plan)).toMatchObject({ state: 'expired', submission: undefined });
  });

  it('is never one of a group', async () => {
    const plan = await open();
    const other = planPlainCommit({ subject: buildPlainTransaction([randomOutpoint()]) });
    await expect(commitTransitions(db(), [other, plan.commit([])])).rejects.toThrow('committed alone');
  });

  it('is of what was proposed, or a fault', async () => {
    const plan = await open();
    const { transition, ...rest } = plan.commit([]);
    const wrong = [{ organisation: 'other' }, { identityKey: 'other' }, { topics: ['tm_other'] }];
    for (const over of wrong)
      await expect(commitTransition(db(), { ...rest, transition: { ...transition, ...over } })).rejects.toThrow(
        'something else',
      );
  });
});

describe('fsck of the proposals', () => {
  const plants: readonly (readonly [string, readonly string[]])[] = [
    ['of different things', [`update portcullis.proposal set identity_key = 'x' where state = 'committed'`]],
    [
      'did not consume',
      [
        `update portcullis.transition set request_key = 'proposal:x' where id = (select id from portcullis.transition where request_key not like 'proposal:%' limit 1)`,
      ],
    ],
    ['too few organisations approved', [`delete from portcullis.proposal_count`]],
    ['is not what was signed', [`update portcullis.proposal_approval set statement = 'x'`]],
    ['after its deadline', [`update portcullis.proposal set deadline = proposed_at where state = 'committed'`]],
    [
      'others than its parties',
      [`update portcullis.proposal_party set organisation = 'umbrella' where organisation = 'bank'`],
    ],
    ['a proposal lacks its audit leaf', [`update portcullis.proposal set proposed_leaf = 0`]],
    [
      'a withdrawal lacks its audit leaf',
      [`update portcullis.proposal set withdrawn_leaf = 0 where state = 'withdrawn'`],
    ],
    ['of another statement', [`update portcullis.proposal_approval set organisation = 'x'`]],
    [
      'withdrawal of an approval lacks',
      [`update portcullis.proposal_approval set withdrawn_leaf = 0 where withdrawn_at is not null`],
    ],
  ];

  it.each(plants)('finds %s', async (sentence, statements) => {
    expect((await plantBreach(database.owner, statements)).get('I26')).toContain(sentence);
  });
});
