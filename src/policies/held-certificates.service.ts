import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Outpoint } from '#atomic-core';
import { listCertificates, type StoredCertificate } from '#ledger';
import { DisclosuresService } from '../certificates';
import { CONFIG, type Config } from '../config';
import type { CertificateEvidence } from './engine/policy';

/** More than anybody has; bounds one question. */
const CERTIFICATES_MAX = 1_000;

/** A certificate that policies may look at, and what is needed to find out whether it still holds. */
export interface HeldCertificate extends CertificateEvidence {
  readonly type: string;
  /** Hex. */
  readonly hash: string;
  readonly revocationOutpoint: Outpoint | undefined;
  /** The rule takes it where nobody can say whether it is revoked. */
  readonly mayBeUnknown: boolean;
}

/** Why a certificate that the configuration names is not among them. */
export type CertificateAbsence = 'absent' | 'erased' | 'revoked';

export interface CertificateHoldings {
  /** At most one by each name. */
  readonly held: readonly HeldCertificate[];
  readonly absences: ReadonlyMap<string, CertificateAbsence>;
}

type NamedRule = Config['certificates'][number] & { readonly name: string };
type Subject = { readonly organisation: string; readonly identityKey: string };

const isNamed = (rule: Config['certificates'][number]): rule is NamedRule => rule.name !== undefined;

/** What a subject can show to policies: of each named rule the certificate that it presented last, unless it is erased or known to be revoked. */
@Injectable()
export class HeldCertificates {
  readonly #rules: readonly NamedRule[];

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(DisclosuresService) private readonly disclosures: DisclosuresService,
  ) {
    this.#rules = config.certificates.filter(isNamed);
  }

  get rules(): readonly NamedRule[] {
    return this.#rules;
  }

  async list(subject: Subject): Promise<CertificateHoldings> {
    const stored = await listCertificates(this.database, subject, CERTIFICATES_MAX);
    const values = stored.length === 0 ? new Map<string, never>() : await this.disclosures.open(subject, stored);
    const held: HeldCertificate[] = [];
    const absences = new Map<string, CertificateAbsence>();
    for (const rule of this.#rules) {
      const ofRule = stored.filter(({ certifier, type }) => certifier === rule.certifier && type === rule.type);
      const found = ofRule
        .flatMap((one) => readHeld(rule, one, values.get(one.hash.toString('hex'))) ?? [])
        .sort((a, b) => b.presentedAtMs - a.presentedAtMs || (a.hash < b.hash ? -1 : 1))[0];
      if (found === undefined) absences.set(rule.name, explainAbsence(ofRule));
      else held.push(found);
    }
    return { held, absences };
  }
}

/** Undefined where it cannot stand for anything: revoked, erased, or presented while less was asked for than now. */
function readHeld(
  rule: NamedRule,
  { revokedBy, hash, revocationOutpoint, presentedAt }: StoredCertificate,
  values: ReadonlyMap<string, string> | undefined,
): HeldCertificate | undefined {
  const isLess = rule.revocable && revocationOutpoint === undefined;
  if (revokedBy !== undefined || values === undefined || isLess) return undefined;
  const fields = new Map<string, string>();
  for (const name of rule.fields) {
    const value = values.get(name);
    if (value === undefined) return undefined;
    fields.set(name, value);
  }
  const { name, certifier, type, revocable } = rule;
  return {
    ...{ name, certifier, type, fields, hash: hash.toString('hex'), presentedAtMs: presentedAt.getTime() },
    ...{ revocationOutpoint, mayBeUnknown: !revocable },
  };
}

function explainAbsence(stored: readonly StoredCertificate[]): CertificateAbsence {
  if (stored.some(({ revokedBy }) => revokedBy !== undefined)) return 'revoked';
  return stored.some(({ disclosure }) => disclosure === undefined) ? 'erased' : 'absent';
}
