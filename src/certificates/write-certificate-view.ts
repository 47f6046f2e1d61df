import { printOutpoint } from '#atomic-core';
import type { StoredCertificate } from '#ledger';

const UNSPENDABLE = `${'0'.repeat(64)}.0`;

type CertificateState = 'revoked' | 'erased' | 'untrusted' | 'held';

const stateOf = ({ revokedBy, disclosure }: StoredCertificate, isTrusted: boolean): CertificateState => {
  if (revokedBy !== undefined) return 'revoked';
  if (disclosure === undefined) return 'erased';
  return isTrusted ? 'held' : 'untrusted';
};

/** A certificate as its subject is shown it. */
export const writeCertificateView = (
  stored: StoredCertificate,
  isTrusted: boolean,
  values: ReadonlyMap<string, string> | undefined,
): Record<string, unknown> => ({
  type: stored.type,
  serialNumber: stored.serialNumber,
  certifier: stored.certifier,
  revocationOutpoint: stored.revocationOutpoint === undefined ? UNSPENDABLE : printOutpoint(stored.revocationOutpoint),
  certificateHash: stored.hash.toString('hex'),
  fields: stored.fields,
  state: stateOf(stored, isTrusted),
  revocation: stored.revocation,
  revokedBy: stored.revokedBy ?? null,
  presentedAt: stored.presentedAt.toISOString(),
  auditLeaf: stored.presentedLeaf,
  ...(values !== undefined && { values: Object.fromEntries(values) }),
});
