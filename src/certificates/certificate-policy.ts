import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CertificateRule, RequestedCertificates } from '#atomic-core';
import { listTrustRules, type StoredCertificate } from '#ledger';
import { CONFIG, type Config, findOperator } from '../config';

/** Which certificates count: those of the configuration for everybody, and those of the trust registry of the caller's organisation. */
@Injectable()
export class CertificatePolicy {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'certificates' | 'organisations' | 'operator'>,
    @Inject(DataSource) private readonly database: DataSource,
  ) {}

  /** At this moment, by the clock of the database: nothing is remembered, so a rule begins and ends everywhere at once. */
  async listRules(organisation: string): Promise<readonly CertificateRule[]> {
    const { certificates } = this.config;
    const registry = this.findRegistry(organisation);
    if (registry === undefined) return certificates;
    const trusted = await listTrustRules(this.database, registry);
    return [
      ...certificates,
      ...trusted.map(({ certifier, type, fields, revocable }) => ({ certifier, type, fields, revocable })),
    ];
  }

  /** Whose trust a caller is judged by. Who belongs to no organisation here is a guest of the operator's, and never vouches for itself. */
  findRegistry(organisation: string): string | undefined {
    return Object.hasOwn(this.config.organisations, organisation) ? organisation : findOperator(this.config);
  }
}

/** Whether a certificate that was taken still counts: its rule may have ended since, or ask for more than it did. */
export const isTrusted = (
  rules: readonly CertificateRule[],
  { certifier, type, revocationOutpoint }: StoredCertificate,
): boolean =>
  rules.some(
    (rule) =>
      rule.certifier === certifier && rule.type === type && (!rule.revocable || revocationOutpoint !== undefined),
  );

/** The rules as BRC-103 asks for them: it knows certifiers and types apart, so it may bring what no rule is for, which is refused when it comes. */
export const writeRequested = (rules: readonly CertificateRule[]): RequestedCertificates => ({
  certifiers: [...new Set(rules.map(({ certifier }) => certifier))],
  types: Object.fromEntries(rules.map(({ type, fields }) => [type, fields])),
});
