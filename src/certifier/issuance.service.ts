import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  accept,
  printOutpoint,
  reject,
  sha256,
  signCertificate,
  writeCertificate,
  type Certificate,
  type Outpoint,
  type Result,
  type Txid,
} from '#atomic-core';
import {
  findCertification,
  issueCertification,
  leaseCertification,
  releaseCertification,
  type Actor,
  type Certification,
} from '#ledger';
import { CONFIG, type Config } from '../config';
import { KeyRing } from '../keys';
import { certifierOf } from './certifier-setting';
import { RevocationOutpoints } from './revocation-outpoints.service';

/** Longer than all that is asked of the wallet and the network meanwhile; whoever died holds it as long. */
export const LEASE_MS = 300_000;

/** From an approved request to its certificate: the outpoint, then the signature, each kept before the next begins. */
@Injectable()
export class IssuanceService {
  private readonly organisation: string;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(RevocationOutpoints) private readonly outpoints: RevocationOutpoints,
  ) {
    this.organisation = certifierOf(config).organisation;
  }

  /** Once: of all who ask at the same time one makes it, and the others come back for it. */
  async issue(asked: Certification, requestId: string): Promise<Result<Certification>> {
    const { id, clientNonce } = asked;
    if (!(await leaseCertification(this.database, id, LEASE_MS))) return this.findIssued(asked);
    try {
      // Nobody puts another request in its place while it is leased.
      const leased = await findCertification(this.database, id);
      if (leased?.clientNonce !== clientNonce) return reject('certification-busy');
      const actor = { organisation: this.organisation, identityKey: this.ring.identityKey, requestId };
      const outpoint = leased.outpoint === undefined ? await this.outpoints.make(id, actor) : accept(leased.outpoint);
      if (!outpoint.ok) return outpoint;
      await this.sign(leased, outpoint.value, actor);
    } finally {
      await releaseCertification(this.database, id);
    }
    return this.findIssued(asked);
  }

  private async sign(leased: Certification, outpoint: Outpoint, actor: Actor): Promise<void> {
    const certificate = signCertificate(this.ring.current, draftOf(leased, outpoint));
    const { id, serialNumber } = leased;
    const { certifier, signature } = certificate;
    const hash = sha256(writeCertificate(certificate));
    // The wallet took its time: the key may be another one than when this began.
    const signer = { ...actor, identityKey: certifier };
    await issueCertification(this.database, signer, { id, serialNumber, outpoint, hash, certifier, signature });
  }

  private async findIssued({ id, clientNonce }: Certification): Promise<Result<Certification>> {
    const found = await findCertification(this.database, id);
    return found?.state === 'issued' && found.clientNonce === clientNonce
      ? accept(found)
      : reject('certification-busy');
  }
}

function draftOf({ type, serialNumber, subject, fields }: Certification, outpoint: Outpoint) {
  const [txid = '', vout = ''] = printOutpoint(outpoint).split('.');
  const revocationOutpoint: Certificate['revocationOutpoint'] = { txid: txid as Txid, vout: Number(vout) };
  return { type, serialNumber, subject, fields, revocationOutpoint };
}
