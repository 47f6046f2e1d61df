import { randomUUID } from 'node:crypto';
import { digestProposal } from '#atomic-core';
import { openAgeingLedger, planPlainProposal, presentPlainCertificate } from '#testkit';
import type { AgeingLedger, Works } from '#testkit';
import { commitTransition } from './commit-transition';
import {
  approveProposal,
  expireProposals,
  proposeTransaction,
  withdrawApproval,
  withdrawProposal,
} from './proposal-acts';
import {
  findProposal,
  findProposedContent,
  findSameProposal,
  isFullOfProposals,
  isProposalPaid,
  listProposals,
} from './proposals';

let ledger: AgeingLedger;
let db: AgeingLedger['db'];

const open = async () => {
  // One that has many: whatever is looked up among them.
  const proposer = { organisation: 'elder', identityKey: `key ${randomUUID()}` };
  const plan = planPlainProposal({ proposer, parties: ['bank', 'elder'] });
  expect(await proposeTransaction(db, plan.request)).toMatchObject({ ok: true });
  return plan;
};
const actor = (identityKey: string, organisation: string) => ({ organisation, identityKey, requestId: 'r' });

const works: Works = {
  'a proposal, approved, taken back and submitted': async () => {
    const plan = await open();
    const { terms } = plan.request;
    expect(await isFullOfProposals(db, 'elder')).toBe(false);
    const payer = { identityKey: terms.proposer.identityKey, requestDigest: digestProposal(terms) };
    expect(await isProposalPaid(db, payer, payer.requestDigest)).toBe(false);
    expect(await findSameProposal(db, 'elder', terms)).toMatchObject({ id: plan.id });
    expect(await findProposal(db, ['bank', 'other'], plan.id)).toMatchObject({ id: plan.id });
    expect((await listProposals(db, ['elder'], { limit: 3, before: undefined }))[0]).toMatchObject({ id: plan.id });
    expect(await findProposedContent(db, plan.id)).toMatchObject({ beef: plan.request.beef });
    const certificate = await presentPlainCertificate(db);
    const approve = (who: string, organisation: string) =>
      approveProposal(db, { ...plan.approve(who, organisation), relies: who === 'ben' ? [certificate] : [] });
    for (const [who, organisation] of [
      ['ben', 'bank'],
      ['eli', 'elder'],
    ] as const)
      expect(await approve(who, organisation)).toMatchObject({ ok: true });
    expect(await withdrawApproval(db, actor('eli', 'elder'), plan.id)).toMatchObject({ ok: true });
    expect(await approve('eli', 'elder')).toMatchObject({ ok: true });
    const input = plan.commit([
      ['ben', 'bank'],
      ['eli', 'elder'],
    ]);
    expect(await commitTransition(db, { ...input, relies: [certificate] })).toMatchObject({ ok: true });
  },
  'a proposal that is withdrawn, and what is over': async () => {
    const plan = await open();
    expect(await withdrawProposal(db, actor(plan.request.terms.proposer.identityKey, 'elder'), plan.id)).toMatchObject({
      ok: true,
    });
    expect(await expireProposals(db, 100)).toBe(0);
  },
};

describe('the cost of proposals that grow in number', () => {
  beforeAll(async () => {
    ledger = await openAgeingLedger();
    ({ db } = ledger);
  }, 90_000);
  afterAll(() => ledger.close());

  it('is that of the one that is asked for', async () => {
    expect(await ledger.findGrowth(works)).toEqual([]);
  }, 180_000);
});
