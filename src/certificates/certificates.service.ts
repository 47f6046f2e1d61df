import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  type RequestedCertificates,
  type Result,
  accept,
  decryptFields,
  readCertificate,
  reject,
  verifyCertificate,
} from '#atomic-core';
import { listCertificates, listReliances, type ReliancePage, type ReliedDecision } from '#ledger';
import type { Caller, CertificateDesk, CertificateVerdict } from '../identity';
import { KeyRing } from '../keys';
import { RevocationService } from '../revocation';
import { CertificatePolicy, isTrusted, writeRequested } from './certificate-policy';
import { decideRevocation } from './decide-revocation';
import { DisclosuresService } from './disclosures.service';
import { writeCertificateView } from './write-certificate-view';

/** A message is answered before its sender gives up, however slow those are who are asked about revocation. */
const MESSAGE_MS_MAX = 10_000;
/** More than anybody has; bounds one answer. */
const CERTIFICATES_LISTED_MAX = 1_000;

export interface PresentedCertificateView {
  readonly type: string;
  readonly serialNumber: string;
  readonly certifier: string;
  readonly certificateHash: string;
  /** What was asked for and is stored. Whatever else was disclosed was not read. */
  readonly fields: readonly string[];
  readonly outcome: 'presented' | 'known';
  readonly auditLeaf: number;
}

export interface ErasureView {
  readonly erased: number;
  readonly auditLeaf: number | null;
}

/** Certificates of callers: read, verified, asked about, decrypted as far as needed, and kept; each in its turn, and nothing of one that fails. */
@Injectable()
export class CertificatesService implements CertificateDesk {
  constructor(
    @Inject(KeyRing) private readonly keys: KeyRing,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(CertificatePolicy) private readonly policy: CertificatePolicy,
    @Inject(RevocationService) private readonly revocations: RevocationService,
    @Inject(DisclosuresService) private readonly disclosures: DisclosuresService,
  ) {}

  /** `isWished`: by a request of the subject; else a client's answer to what its handshake was asked. */
  async present(caller: Caller, given: unknown, isWished: boolean): Promise<Result<PresentedCertificateView>> {
    const rules = await this.policy.listRules(caller.organisation);
    if (rules.length === 0) return reject('certificate-untrusted', 'No certificates are accepted here.');
    const read = readCertificate(given);
    if (!read.ok) return read;
    const verified = verifyCertificate(read.value, { caller: caller.identityKey, rules });
    if (!verified.ok) return verified;
    const values = decryptFields(this.keys, verified.value);
    if (!values.ok) return values;
    const revocation = await decideRevocation(verified.value, this.revocations);
    if (!revocation.ok) return revocation;
    const checked = { verified: verified.value, values: values.value, revocation: revocation.value, isWished };
    const kept = await this.disclosures.keep(caller, checked);
    if (!kept.ok) return kept;
    const { kind, auditLeaf } = kept.value;
    if (kind === 'key-changed' || auditLeaf === undefined) throw new Error('A certificate was kept without its leaf.');
    const { type, serialNumber, certifier } = verified.value.certificate;
    const fields = [...values.value.keys()].sort();
    const certificateHash = verified.value.hash.toString('hex');
    return accept({ type, serialNumber, certifier, certificateHash, fields, outcome: kind, auditLeaf });
  }

  async list(caller: Caller, withValues: boolean): Promise<readonly Record<string, unknown>[]> {
    const rules = await this.policy.listRules(caller.organisation);
    const stored = await listCertificates(this.database, caller, CERTIFICATES_LISTED_MAX);
    const values = withValues ? await this.disclosures.open(caller, stored) : undefined;
    return stored.map((one) => writeCertificateView(one, isTrusted(rules, one), values?.get(one.hash.toString('hex'))));
  }

  /**
   * What the organisation of the caller did on the strength of a certificate, whoever presented it; with what was known of its revocation at that moment. One that
   * it did nothing by is unknown to it, be it another's or nobody's.
   */
  async listDecisions(
    { organisation }: Caller,
    page: Omit<ReliancePage, 'organisation'>,
  ): Promise<Result<readonly ReliedDecision[]>> {
    const decisions = await listReliances(this.database, { ...page, organisation });
    if (decisions.length > 0) return accept(decisions);
    const [first] = await listReliances(this.database, { ...page, organisation, after: -1, limit: 1 });
    return first === undefined ? reject('certificate-unknown') : accept([]);
  }

  async erase(caller: Caller): Promise<Result<ErasureView>> {
    const erased = await this.disclosures.erase(caller);
    if (!erased.ok) return erased;
    return accept(erased.value ?? { erased: 0, auditLeaf: null });
  }

  async listRequested(organisation: string): Promise<RequestedCertificates> {
    return writeRequested(await this.policy.listRules(organisation));
  }

  /** One after the other: they take the same key of the same subject. */
  async receive(caller: Caller, certificates: readonly unknown[]): Promise<readonly CertificateVerdict[]> {
    const verdicts: CertificateVerdict[] = [];
    const startedAtMs = performance.now();
    for (const given of certificates) {
      if (performance.now() - startedAtMs > MESSAGE_MS_MAX) {
        verdicts.push({ code: 'revocation-unknown', detail: 'The others took too long; present it again.' });
        continue;
      }
      const presented = await this.present(caller, given, false);
      if (presented.ok) {
        const { serialNumber, outcome } = presented.value;
        verdicts.push({ serialNumber, outcome });
      } else verdicts.push({ code: presented.rejection.code, detail: presented.rejection.detail });
    }
    return verdicts;
  }
}
