import type { TrustChange, TrustPin, TrustRule } from '#ledger';

const printMoment = (at: Date | undefined): string | null => at?.toISOString() ?? null;

export const writeRule = (rule: TrustRule): Record<string, unknown> => ({
  ...{ id: rule.id, certifier: rule.certifier, type: rule.type, fields: rule.fields, revocable: rule.revocable },
  ...{ source: rule.source ?? null, isExported: rule.isExported, changeId: rule.changeId },
  ...{ validFrom: printMoment(rule.validFrom), validUntil: printMoment(rule.validUntil) },
});

export const writePin = (pin: TrustPin): Record<string, unknown> => ({
  ...{ id: pin.id, gateway: pin.gateway, organisation: pin.organisation, changeId: pin.changeId },
  ...{ validFrom: printMoment(pin.validFrom), validUntil: printMoment(pin.validUntil) },
});

export const writeChange = (change: TrustChange): Record<string, unknown> => ({
  ...{ id: change.id, kind: change.kind, content: change.content, contentHash: change.contentHash },
  ...{ state: change.state, proposedBy: change.proposedBy, proposedAt: printMoment(change.proposedAt) },
  ...{ effectiveAt: printMoment(change.effectiveAt), tookEffectAt: printMoment(change.tookEffectAt) },
  ...{ approvalsNeeded: change.approvalsNeeded, approvals: change.approvals, withdrawnBy: change.withdrawnBy ?? null },
});
