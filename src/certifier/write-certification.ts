import { printOutpoint } from '#atomic-core';
import type { Certification, CertificationState } from '#ledger';

/** What `acquireCertificate` of a wallet reads. */
export interface IssuedView {
  readonly certificate: {
    readonly type: string;
    readonly serialNumber: string;
    readonly subject: string;
    readonly certifier: string;
    readonly revocationOutpoint: string;
    readonly fields: Readonly<Record<string, string>>;
    readonly signature: string;
  };
  readonly serverNonce: string;
}

export const writeIssued = (issued: Certification): IssuedView => {
  const { type, serialNumber, subject, certifier, fields, serverNonce, outpoint, signature } = issued;
  if (outpoint === undefined || certifier === undefined || signature === undefined)
    throw new Error('An issued certificate is not signed.');
  return {
    certificate: {
      ...{ type, serialNumber, subject, certifier, revocationOutpoint: printOutpoint(outpoint) },
      ...{ fields: Object.fromEntries(fields), signature: signature.toString('hex') },
    },
    serverNonce,
  };
};

/** What members of the certifier's organisation see. */
export interface CertificationView {
  readonly id: string;
  readonly state: CertificationState;
  readonly organisation: string;
  readonly subject: string;
  readonly type: string;
  readonly serialNumber: string;
  readonly revocationOutpoint: string | null;
  /** Somebody ordered it; it is revoked when the outpoint is spent. */
  readonly isRevoking: boolean;
  readonly revokedBy: string | null;
  readonly askedAt: string;
  readonly decidedBy: string | null;
  /** What is to be certified; null once erased. */
  readonly values: Readonly<Record<string, string>> | null;
}

export const writeCertification = (
  one: Certification,
  values: ReadonlyMap<string, string> | undefined,
): CertificationView => ({
  ...{ id: one.id, state: one.state, organisation: one.organisation, subject: one.subject, type: one.type },
  ...{ serialNumber: one.serialNumber, isRevoking: one.isRevoking, revokedBy: one.revokedBy ?? null },
  revocationOutpoint: one.outpoint === undefined ? null : printOutpoint(one.outpoint),
  askedAt: one.askedAt.toISOString(),
  decidedBy: one.decidedBy ?? null,
  values: values === undefined ? null : Object.fromEntries(values),
});
