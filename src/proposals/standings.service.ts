import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { listCertificates, listTrustRules, type StoredCertificate, type TrustReliance, type TrustRule } from '#ledger';
import { CertificatePolicy, DisclosuresService } from '../certificates';
import { CONFIG, type Config } from '../config';
import { OrganisationDirectory } from '../identity';
import { STANDING, type HeldCertificate } from '../policies';
import { listSpeakingRules } from './list-speaking-rules';

/** More than anybody has; bounds one question. */
const CERTIFICATES_MAX = 1_000;

/** For whom somebody may speak, and by what. */
export interface Standing {
  readonly organisation: string;
  /** Undefined: the configuration says so. */
  readonly by: { readonly certificate: HeldCertificate; readonly trust: TrustReliance } | undefined;
}

type Values = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * For which organisations an identity may approve: that of which the configuration lists it as a member; or, for somebody from outside, those whose certifiers the
 * operator trusts by a bundle. Each tenant's own trust counts for its members alone: one that could name who speaks for another could agree in its name.
 */
@Injectable()
export class Standings {
  constructor(
    @Inject(OrganisationDirectory) private readonly directory: OrganisationDirectory,
    @Inject(CertificatePolicy) private readonly policy: CertificatePolicy,
    @Inject(DisclosuresService) private readonly disclosures: DisclosuresService,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(CONFIG) private readonly config: Pick<Config, 'organisations'>,
  ) {}

  /** By what holds at this moment; nothing is remembered. */
  async list(identityKey: string): Promise<readonly Standing[]> {
    const organisation = this.directory.organisationOf(identityKey);
    const own: Standing = { organisation, by: undefined };
    const registry = organisation === identityKey ? this.policy.findRegistry(identityKey) : undefined;
    if (registry === undefined) return [own];
    const rules = listSpeakingRules(await listTrustRules(this.database, registry), this.config.organisations);
    if (rules.length === 0) return [own];
    const subject = { organisation: identityKey, identityKey };
    const stored = await listCertificates(this.database, subject, CERTIFICATES_MAX);
    const values = stored.length === 0 ? new Map<string, never>() : await this.disclosures.open(subject, stored);
    return [own, ...rules.flatMap((rule) => findStanding(rule, { registry, stored, values }) ?? [])];
  }
}

interface Holdings {
  readonly registry: string;
  readonly stored: readonly StoredCertificate[];
  readonly values: Values;
}

/** By the certificate of the rule that was presented last, and that is neither erased nor known to be revoked. */
function findStanding(rule: TrustRule, { registry, stored, values }: Holdings): Standing | undefined {
  if (rule.source === undefined) return undefined;
  const { certifier, type, revocable } = rule;
  const held = stored
    .filter((one) => one.certifier === certifier && one.type === type && one.revokedBy === undefined)
    .filter(({ revocationOutpoint }) => !revocable || revocationOutpoint !== undefined)
    .sort((a, b) => b.presentedAt.getTime() - a.presentedAt.getTime());
  for (const one of held) {
    const hash = one.hash.toString('hex');
    const fields = values.get(hash);
    // Erased, or presented while less was asked for than now.
    if (fields === undefined || rule.fields.some((name) => !fields.has(name))) continue;
    const certificate: HeldCertificate = {
      ...{ name: STANDING, certifier, type, hash, revocationOutpoint: one.revocationOutpoint },
      ...{ presentedAtMs: one.presentedAt.getTime(), mayBeUnknown: !revocable },
      fields: new Map(rule.fields.map((name) => [name, fields.get(name) ?? ''])),
    };
    return { organisation: rule.source.organisation, by: { certificate, trust: { registry, rule: rule.id } } };
  }
  return undefined;
}
