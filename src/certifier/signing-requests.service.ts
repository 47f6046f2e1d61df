import { randomBytes, randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  accept,
  decryptRequest,
  isNonceOf,
  makeSerialNumber,
  makeServerNonce,
  readSigningRequest,
  reject,
  type GatewayKeys,
  type Result,
  type SigningRequest,
} from '#atomic-core';
import { askCertification, findCertification, type Certification } from '#ledger';
import { SubjectKeys } from '../certificates';
import { CONFIG, type Config } from '../config';
import type { Caller } from '../identity';
import { KeyRing } from '../keys';
import { certifierOf, findCertifiedType, type CertifiedType } from './certifier-setting';
import { IssuanceService } from './issuance.service';
import { hashContent, sealValues } from './seal-values';
import { writeIssued, type IssuedView } from './write-certification';

const NONCE_RANDOM_BYTES = 16;
/**
 * AES-GCM does not commit to its key: a subject can make one ciphertext that opens to two values, with sixteen octets of noise in each (decision 0041). Whoever
 * approves has to see the noise, so nothing that cannot be seen is certified.
 */
const SHOWABLE = /^[^\p{C}\p{Zl}\p{Zp}]*$/u;
/** Each round is lost to an erasure, or to another request of this very caller that came first. */
const ROUNDS_MAX = 8;

interface ReadRequest {
  readonly request: SigningRequest;
  readonly certified: CertifiedType;
  readonly values: ReadonlyMap<string, string>;
}

/** What wallets ask of the certifier. Who asks is the subject, proven by the signature over this very request. */
@Injectable()
export class SigningRequests {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(SubjectKeys) private readonly subjectKeys: SubjectKeys,
    @Inject(IssuanceService) private readonly issuance: IssuanceService,
  ) {}

  /** What is issued now is issued under the current key, whichever the caller's session is of. */
  private get keys(): GatewayKeys {
    return this.ring.current;
  }

  async ask(caller: Caller, given: unknown): Promise<Result<IssuedView>> {
    const read = this.read(caller, given);
    if (!read.ok) return read;
    const kept = await this.keep(caller, read.value);
    if (!kept.ok) return kept;
    const answered = await this.answer(kept.value, read.value.request, caller.requestId);
    return answered.ok ? accept(writeIssued(answered.value)) : answered;
  }

  /** What is cheap to refuse comes first. */
  private read(caller: Caller, given: unknown): Result<ReadRequest> {
    const request = readSigningRequest(given);
    if (!request.ok) return request;
    const { type, fields, clientNonce } = request.value;
    const certified = findCertifiedType(certifierOf(this.config), type, caller);
    if (certified === undefined) return reject('certification-not-offered');
    const missing = certified.fields.find((name) => !fields.has(name));
    if (missing !== undefined)
      return reject('certificate-field-missing', `A certificate of this type has a field ${missing}.`);
    if (fields.size !== certified.fields.length)
      return reject('certificate-malformed', 'A certificate of this type has fewer fields.');
    if (!isNonceOf(this.keys, caller.identityKey, clientNonce)) return reject('certification-nonce-invalid');
    const values = decryptRequest(this.keys, caller.identityKey, request.value);
    if (!values.ok) return values;
    if (![...values.value.values()].every((text) => SHOWABLE.test(text)))
      return reject('certificate-malformed', 'A field has characters that cannot be shown.');
    return accept({ request: request.value, certified, values: values.value });
  }

  private async keep(caller: Caller, { request, certified, values }: ReadRequest): Promise<Result<Certification>> {
    const { organisation, identityKey, requestId } = caller;
    const { type, clientNonce, fields } = request;
    const serverNonce = this.makeNonce(identityKey);
    const serialNumber = makeSerialNumber(this.keys, identityKey, { clientNonce, serverNonce });
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const key = (await this.subjectKeys.find(caller)) ?? this.subjectKeys.make(caller);
      const id = randomUUID();
      const asked = { holder: { organisation, subject: identityKey }, values, dataKey: key.dataKey };
      const kept = await askCertification(this.database, {
        ...{ id, type, clientNonce, serverNonce, serialNumber, fields, liveMax: certified.liveMax },
        actor: { organisation, identityKey, requestId },
        key: { ...key.stored, isNew: key.isNew },
        content: hashContent(type, asked),
        disclosure: sealValues(id, asked),
        state: certified.approval === 'automatic' ? 'approved' : 'pending',
      });
      if (!kept.ok) return kept;
      const found = kept.value === undefined ? undefined : await findCertification(this.database, kept.value);
      if (found !== undefined) return accept(found);
    }
    return reject('database-unavailable', 'Disclosures of this identity are being erased.');
  }

  private async answer(
    kept: Certification,
    { clientNonce }: SigningRequest,
    requestId: string,
  ): Promise<Result<Certification>> {
    // The same was asked with another nonce, and is being signed for that one.
    if (kept.clientNonce !== clientNonce) return reject('certification-busy');
    if (kept.state === 'pending')
      return reject('certification-pending', `Certification ${kept.id} waits for a decision; ask again for the same.`);
    if (kept.state === 'refused') return reject('certification-refused', `Certification ${kept.id} was refused.`);
    if (kept.state === 'withdrawn') return reject('certification-conflict', 'What it disclosed was erased.');
    if (kept.revokedBy !== undefined || kept.isRevoking) return reject('certificate-revoked');
    return kept.state === 'issued' ? accept(kept) : this.issuance.issue(kept, requestId);
  }

  private makeNonce(subject: string): string {
    const nonce = makeServerNonce(this.keys, randomBytes(NONCE_RANDOM_BYTES), subject);
    if (nonce === undefined) throw new Error('Sixteen random octets made no key id; the next ones will.');
    return nonce;
  }
}
