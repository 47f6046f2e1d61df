import { accept, reject, type Result, type VerifiedCertificate } from '#atomic-core';
import type { RevocationFinding } from '#ledger';
import type { RevocationService } from '../revocation';

/**
 * Fails closed: what can be revoked is taken only where somebody beside our own ledger knows that it is not. Where nobody beside it is configured, a
 * rule that also takes what cannot be revoked takes what our ledger knows nothing about.
 */
export const decideRevocation = async (
  { certificate, rule }: VerifiedCertificate,
  revocations: RevocationService,
): Promise<Result<RevocationFinding>> => {
  const { revocationOutpoint, certifier } = certificate;
  const asOf = new Date().toISOString();
  if (revocationOutpoint === undefined) return accept({ state: 'not-revocable', source: 'the certificate', asOf });
  const verdict = await revocations.judge({ ...revocationOutpoint, certifiers: [certifier] });
  if (verdict.state === 'good')
    return accept({ state: 'good', source: verdict.source, asOf: new Date(verdict.asOfMs).toISOString() });
  if (verdict.state === 'revoked')
    return reject('certificate-revoked', `Its revocation outpoint is spent by ${verdict.spenderTxid}.`);
  if (rule.revocable || revocations.hasOutsideSource) return reject('revocation-unknown');
  return accept({ state: 'unknown', source: 'this ledger', asOf });
};
