import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { accept, reject, type Result, type Txid } from '#atomic-core';
import {
  beginRevocation,
  decideCertification,
  findCertification,
  listCertifications,
  releaseCertification,
  type Actor,
  type Certification,
  type CertificationPage,
} from '#ledger';
import { SubjectKeys } from '../certificates';
import { CONFIG, type Config } from '../config';
import type { Caller } from '../identity';
import { certifierOf } from './certifier-setting';
import { LEASE_MS } from './issuance.service';
import { RevocationOutpoints } from './revocation-outpoints.service';
import { openValues } from './seal-values';
import { writeCertification, type CertificationView } from './write-certification';

export interface DecisionView {
  readonly id: string;
  readonly state: string;
  /** Null: it was decided so before. */
  readonly auditLeaf: number | null;
}

export interface RevocationView {
  readonly id: string;
  /** The transaction that spends the outpoint; null: there is no outpoint, and never will be. */
  readonly revokedBy: Txid | null;
}

const actorOf = ({ organisation, identityKey, requestId }: Caller): Actor => ({
  ...{ organisation, identityKey, requestId },
});

/** What members of the certifier's organisation decide. Of others nobody learns whether a certification is there. */
@Injectable()
export class DecisionsService {
  private readonly organisation: string;
  private readonly liveMaxOf: ReadonlyMap<string, number>;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(SubjectKeys) private readonly subjectKeys: SubjectKeys,
    @Inject(RevocationOutpoints) private readonly outpoints: RevocationOutpoints,
  ) {
    const { organisation, types } = certifierOf(config);
    this.organisation = organisation;
    this.liveMaxOf = new Map(types.map(({ type, liveMax }) => [type, liveMax]));
  }

  async list(caller: Caller, page: CertificationPage): Promise<Result<readonly CertificationView[]>> {
    if (!this.isMember(caller)) return reject('certifier-only');
    const found = await listCertifications(this.database, page);
    const views: CertificationView[] = [];
    for (const one of found) views.push(writeCertification(one, await this.open(one)));
    return accept(views);
  }

  async decide(caller: Caller, id: string, verdict: 'approved' | 'refused'): Promise<Result<DecisionView>> {
    if (!this.isMember(caller)) return reject('certifier-only');
    const leaf = await decideCertification(this.database, actorOf(caller), { id, verdict, liveMaxOf: this.liveMaxOf });
    return leaf.ok ? accept({ id, state: verdict, auditLeaf: leaf.value ?? null }) : leaf;
  }

  /** From the COMMIT of the spend on. Again: the same answer. */
  async revoke(caller: Caller, id: string): Promise<Result<RevocationView>> {
    if (!this.isMember(caller)) return reject('certifier-only');
    const actor = actorOf(caller);
    const begun = await beginRevocation(this.database, actor, { id, leaseMs: LEASE_MS });
    if (!begun.ok) return begun;
    try {
      return await this.spend(actor, id);
    } finally {
      await releaseCertification(this.database, id);
    }
  }

  private async spend(actor: Actor, id: string): Promise<Result<RevocationView>> {
    const found = await findCertification(this.database, id);
    if (found?.revokedBy !== undefined) return accept({ id, revokedBy: found.revokedBy });
    // One that the wallet made, and that we lost before it was signed for, is not left unspent.
    const outpoint = found?.outpoint === undefined ? await this.outpoints.find(id, actor) : accept(found.outpoint);
    if (!outpoint.ok) return outpoint;
    if (outpoint.value === undefined) return accept({ id, revokedBy: null });
    const spent = await this.outpoints.spend(id, outpoint.value, actor);
    if (spent.ok) return accept({ id, revokedBy: spent.value });
    if (spent.rejection.code !== 'outpoint-spent') return spent;
    const { revokedBy } = (await findCertification(this.database, id)) ?? {};
    return accept({ id, revokedBy: revokedBy ?? null });
  }

  private async open(one: Certification): Promise<ReadonlyMap<string, string> | undefined> {
    const { id, organisation, subject, disclosure, keyId } = one;
    if (disclosure === undefined) return undefined;
    const key = await this.subjectKeys.find({ organisation, identityKey: subject });
    // Erased since the list was read.
    if (key === undefined || key.stored.id !== keyId) return undefined;
    return openValues({ id, organisation, subject, disclosure }, key.dataKey);
  }

  private isMember({ organisation }: Caller): boolean {
    return organisation === this.organisation;
  }
}
