import { randomUUID } from 'node:crypto';
import type { BundledRule, TrustBundle } from '#atomic-core';
import type { Actor, TrustContent, TrustProposal } from '#ledger';

const DAY_MS = 86_400_000;

/** An organisation that nobody else has. */
/** Who agrees in these tests. */
export const TRUST_MEMBERS = ['ann', 'bob', 'cleo'];

export const makeTrustOrganisation = (): string => `acme-${randomUUID().slice(0, 8)}`;

export const trustActor = (organisation: string, identityKey = 'ann'): Actor => ({
  ...{ organisation, identityKey, requestId: 'r' },
});

/** A certifier and a type that nobody else has. */
export const planTrustRule = (over: object = {}): TrustContent => ({
  ...{ kind: 'add', certifier: `certifier ${randomUUID()}`, type: `type ${randomUUID()}` },
  ...{ fields: ['role', 'name'], revocable: true, ...over },
});

/** Takes effect at once. */
export const planTrust = (
  organisation: string,
  content: TrustContent,
  over: Partial<TrustProposal> = {},
): TrustProposal => ({
  ...{
    actor: trustActor(organisation),
    id: randomUUID(),
    content,
    effectiveAt: undefined,
    needed: 1,
    members: TRUST_MEMBERS,
    configured: [],
  },
  ...over,
});

export const planBundledRule = (over: Partial<BundledRule> = {}): BundledRule => ({
  ...{ certifier: `certifier ${randomUUID()}`, type: `type ${randomUUID()}`, fields: ['name'], revocable: true },
  ...{ from: '2026-01-01T00:00:00.000Z', until: undefined, endorsement: 'aa', ...over },
});

/** As if it had been verified: of the gateway and the organisation of `TRUST_PIN`. */
export const planTrustImport = (
  sequence: number,
  rules: readonly BundledRule[],
  over: Partial<TrustBundle> = {},
): TrustContent => ({
  kind: 'import',
  bundle: {
    ...{ issuer: 'gateway', organisation: 'globex', sequence, rules, issuedAt: new Date().toISOString() },
    ...{ expiresAt: new Date(Date.now() + DAY_MS).toISOString(), ...over },
  },
});

export const TRUST_PIN: TrustContent = { kind: 'pin', gateway: 'gateway', organisation: 'globex' };
