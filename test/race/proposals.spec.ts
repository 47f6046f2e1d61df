import { randomUUID } from 'node:crypto';
import type { Result } from '#atomic-core';
import {
  approveProposal,
  commitTransition,
  findProposal,
  proposeTransaction,
  withdrawApproval,
  withdrawProposal,
  type CommitInput,
  type CommitOutcome,
} from '#ledger';
import {
  buildPlainTransaction,
  planPlainCommit,
  planPlainProposal,
  presentPlainCertificate,
  type PlainProposal,
  type PresentedCertificate,
} from '#testkit';
import type { DataSource } from 'typeorm';
import { openReplicas } from './open-replicas';

/** Merge size; `npm run test:race:full` plays more. */
const ROUNDS = Number(process.env['RACE_PROPOSALS'] ?? 200);
/** Rounds at once. */
const LANES = 4;

jest.setTimeout(900_000);

const replicas = openReplicas();

const playAll = async <T>(play: (round: number, sides: readonly [DataSource, DataSource]) => Promise<T>) => {
  const endings: T[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < ROUNDS) {
      const round = next++;
      endings.push(await play(round, round % 2 === 0 ? replicas : [replicas[1], replicas[0]]));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return endings;
};

const BOTH = [
  ['gil', 'globex'],
  ['ben', 'bank'],
] as const;

/** Proposed, with what enough have agreed to; each round by an organisation of its own, so that none fills up. */
const openApproved = async (certificate?: PresentedCertificate): Promise<PlainProposal> => {
  const plan = planPlainProposal({ proposer: { organisation: `acme-${randomUUID()}`, identityKey: 'ann' } });
  expect(await proposeTransaction(replicas[0], plan.request)).toMatchObject({ ok: true });
  for (const [who, organisation] of BOTH) {
    const relies = certificate !== undefined && who === 'gil' ? [certificate] : [];
    expect(await approveProposal(replicas[0], { ...plan.approve(who, organisation), relies })).toMatchObject({
      ok: true,
    });
  }
  return plan;
};

/** As a replica commits it: under an id of its own. */
const commitOf = (plan: PlainProposal, relies: CommitInput['relies'] = []): CommitInput => {
  const input = plan.commit(BOTH);
  const id = randomUUID();
  return { ...input, transition: { ...input.transition, id }, receipt: { ...input.receipt, id }, relies };
};
const codeOf = (ended: Result<unknown>): string => (ended.ok ? 'ok' : ended.rejection.code);
const count = (endings: readonly (readonly string[])[]): Map<string, number> => {
  const seen = new Map<string, number>();
  for (const ending of endings) seen.set(ending.join(' '), (seen.get(ending.join(' ')) ?? 0) + 1);
  return seen;
};
const actor = (plan: PlainProposal, identityKey: string) => ({
  ...{ organisation: plan.request.terms.proposer.organisation, identityKey, requestId: 'r' },
});

it(`of ${ROUNDS} proposals whose quorum two replicas see at once, each is committed once and both have its receipt`, async () => {
  const endings = await playAll(async (_, [one, other]) => {
    const plan = await openApproved();
    return Promise.all([commitTransition(one, commitOf(plan)), commitTransition(other, commitOf(plan))]);
  });
  const kinds = endings.map((pair) => pair.map((ended) => (ended.ok ? ended.value.kind : codeOf(ended))).sort());
  expect(count(kinds)).toEqual(new Map([['applied replayed', ROUNDS]]));
  const receipts = endings.map((pair) => new Set(pair.map((ended) => ended.ok && JSON.stringify(ended.value.receipt))));
  expect(receipts.filter(({ size }) => size !== 1)).toEqual([]);
});

it(`of ${ROUNDS} approvals that are taken back while they are counted, each is either counted or taken back`, async () => {
  const endings = await playAll(async (_, [one, other]) => {
    const plan = await openApproved();
    const [committed, taken] = await Promise.all([
      commitTransition(one, commitOf(plan)),
      withdrawApproval(other, { ...actor(plan, 'gil'), organisation: 'globex' }, plan.id),
    ]);
    return [codeOf(committed), codeOf(taken)];
  });
  const seen = count(endings);
  expect([...seen.keys()].sort()).toEqual(['approval-lapsed ok', 'ok proposal-ended']);
});

it(`of ${ROUNDS} proposals that are withdrawn while they are committed, each is the one or the other`, async () => {
  const endings = await playAll(async (_, [one, other]) => {
    const plan = await openApproved();
    const [committed, withdrawn] = await Promise.all([
      commitTransition(one, commitOf(plan)),
      withdrawProposal(other, actor(plan, 'ann'), plan.id),
    ]);
    return [codeOf(committed), codeOf(withdrawn)];
  });
  expect([...count(endings).keys()].sort()).toEqual(['ok proposal-ended', 'proposal-ended ok']);
});

const revoke = (db: DataSource, { revocationOutpoint }: PresentedCertificate): Promise<Result<CommitOutcome>> =>
  commitTransition(db, planPlainCommit({ subject: buildPlainTransaction([revocationOutpoint]) }));
const leafOf = (ended: Result<CommitOutcome>): number => (ended.ok ? ended.value.leafIndex : Number.NaN);

it(`of ${ROUNDS} approvers whose certificate is revoked before the COMMIT, none is counted after its revocation`, async () => {
  const endings = await playAll(async (_, [one, other]) => {
    const certificate = await presentPlainCertificate(replicas[0]);
    const plan = await openApproved(certificate);
    const [committed, revoked] = await Promise.all([
      commitTransition(one, commitOf(plan, [certificate])),
      revoke(other, certificate),
    ]);
    return { committed, revoked };
  });
  expect(endings.filter(({ revoked }) => !revoked.ok)).toEqual([]);
  // The audit is in the order of COMMITs.
  expect(endings.filter(({ committed, revoked }) => leafOf(committed) > leafOf(revoked))).toEqual([]);
  const seen = count(endings.map(({ committed }) => [codeOf(committed)]));
  // Each way round, or nothing was raced.
  expect([...seen.keys()].sort()).toEqual(['certificate-revoked', 'ok']);
});

it(`of ${ROUNDS} approvals that are given while what they rest on is revoked, none stands afterwards`, async () => {
  const endings = await playAll(async (_, [one, other]) => {
    const certificate = await presentPlainCertificate(replicas[0]);
    const plan = planPlainProposal({ proposer: { organisation: `acme-${randomUUID()}`, identityKey: 'ann' } });
    expect(await proposeTransaction(one, plan.request)).toMatchObject({ ok: true });
    const [approved] = await Promise.all([
      approveProposal(one, { ...plan.approve('gil', 'globex'), relies: [certificate] }),
      revoke(other, certificate),
    ]);
    const seen = await findProposal(one, ['globex'], plan.id);
    return [codeOf(approved), seen?.approvals[0]?.state ?? 'none'];
  });
  expect([...count(endings).keys()].sort()).toEqual(['certificate-revoked none', 'ok stopped']);
});
