import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  type Result,
  type VerifiedCertificate,
  accept,
  hashDisclosure,
  makeOutpoint,
  openDisclosure,
  reject,
  sealDisclosure,
} from '#atomic-core';
import {
  type Erasure,
  type Presentation,
  type PresentationOutcome,
  type RevocationFinding,
  type StoredCertificate,
  eraseDisclosures,
  findSubjectKey,
  presentCertificate,
} from '#ledger';
import type { Caller } from '../identity';
import { SubjectKeys, type OpenedKey } from './subject-keys.service';

const VECTOR_BYTES = 12;
/** Each round is lost to an erasure or to another presentation of this very caller that came first. */
const ROUNDS_MAX = 8;

/** A certificate that passed every check, and what it disclosed of what is asked for. */
export interface CheckedCertificate {
  readonly verified: VerifiedCertificate;
  readonly values: ReadonlyMap<string, string>;
  readonly revocation: RevocationFinding;
  /** See `Presentation`. */
  readonly isWished: boolean;
}

type Subject = Pick<Caller, 'organisation' | 'identityKey'>;

const ownerOf = ({ organisation, identityKey: subject }: Subject, certificateHash: Uint8Array) => ({
  ...{ organisation, subject, certificateHash },
});

/** What callers disclosed, encrypted with a key for each of them. The keys of fields and subjects are in memory for one call and nowhere else. */
@Injectable()
export class DisclosuresService {
  constructor(
    @Inject(SubjectKeys) private readonly keys: SubjectKeys,
    @Inject(DataSource) private readonly database: DataSource,
  ) {}

  async keep(caller: Caller, checked: CheckedCertificate): Promise<Result<PresentationOutcome>> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const key = (await this.keys.find(caller)) ?? this.keys.make(caller);
      const kept = await presentCertificate(this.database, this.write(caller, checked, key));
      if (!kept.ok || kept.value.kind !== 'key-changed') return kept;
    }
    return reject('database-unavailable', 'Disclosures of this identity are being erased.');
  }

  /** The values of each of these certificates that is not erased, by the hash of the certificate in hex. */
  async open(
    caller: Subject,
    certificates: readonly StoredCertificate[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
    const key = await this.keys.find(caller);
    const values = new Map<string, ReadonlyMap<string, string>>();
    for (const { hash, disclosure, keyId } of certificates) {
      // Erased since the list was read, or presented again under a new key: nothing to show is the truth, or was a moment ago.
      if (disclosure === undefined || key === undefined || keyId !== key.stored.id) continue;
      const opened = openDisclosure(disclosure, ownerOf(caller, hash), key.dataKey);
      if (opened === undefined) throw new Error('A disclosure is not of the certificate that it is stored with.');
      values.set(hash.toString('hex'), opened);
    }
    return values;
  }

  /** Undefined where nothing was stored. */
  async erase(caller: Caller): Promise<Result<Erasure | undefined>> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const key = await findSubjectKey(this.database, caller);
      if (key === undefined) return accept(undefined);
      const { organisation, identityKey, requestId } = caller;
      const erased = await eraseDisclosures(this.database, { organisation, identityKey, requestId }, key);
      if (erased !== undefined) return accept(erased);
    }
    return reject('database-unavailable', 'Disclosures of this identity are being presented.');
  }

  private write(
    caller: Caller,
    { verified, values, revocation, isWished }: CheckedCertificate,
    key: OpenedKey,
  ): Presentation {
    const { organisation, identityKey, requestId } = caller;
    const { certifier, type, serialNumber, revocationOutpoint } = verified.certificate;
    const owner = ownerOf(caller, verified.hash);
    const { dataKey, stored, isNew } = key;
    return {
      ...{ actor: { organisation, identityKey, requestId }, certifier, type, serialNumber, revocation, isWished },
      key: { ...stored, isNew },
      hash: verified.hash,
      revocationOutpoint: revocationOutpoint && makeOutpoint(revocationOutpoint.txid, revocationOutpoint.vout),
      disclosed: hashDisclosure(values, owner, dataKey),
      disclosure: sealDisclosure(values, owner, { dataKey, vector: randomBytes(VECTOR_BYTES) }),
    };
  }
}
