import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  type GatewayKeys,
  type Outpoint,
  type Result,
  type RevocationStatus,
  type SignedKeySuccession,
  type SignedRevocationStatus,
  accept,
  printOutpoint,
  reject,
  writeRevocationStatus,
} from '#atomic-core';
import { findIssuedOutpoint, findRevocation, listKeySuccessions, type KnownRevocation } from '#ledger';
import { KeyRing } from '../keys';

/** How long a statement may be shown: who keeps an old one hides a revocation no longer. */
const STATUS_LIFE_MS = 600_000;

export interface StatusAnswer extends SignedRevocationStatus {
  /** From the key that signed the certificate, which has ended, to the one that signed this; empty where it is the same. */
  readonly successions: readonly SignedKeySuccession[];
}

/** What this certifier says of its own certificates to whoever asks, signed and of short life. */
@Injectable()
export class StatusesService {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(KeyRing) private readonly ring: KeyRing,
  ) {}

  async find(outpoint: Outpoint): Promise<Result<StatusAnswer>> {
    const issued = await findIssuedOutpoint(this.database, outpoint);
    if (issued === undefined) return reject('certification-unknown');
    // Who relies on the certificate knows the key that signed it. Once that has ended it signs nothing any more, and its successor speaks for it.
    const own = this.ring.find(issued.certifier);
    const keys = own ?? this.ring.current;
    const known = await findRevocation(this.database, outpoint);
    // Between the order and its transaction nobody may still be told that all is well.
    if (known === undefined || known.state === 'unknown' || (known.state === 'good' && issued.isRevoking))
      return reject('revocation-unknown');
    const successions = own === undefined ? await this.findWay(issued.certifier, keys.identityKey) : [];
    return accept({ ...sign(keys, outpoint, known), successions });
  }

  /** Empty: there is none, since that key was ended at once. Whoever pinned it has to be told by the operator. */
  private async findWay(from: string, to: string): Promise<readonly SignedKeySuccession[]> {
    const way = await listKeySuccessions(this.database, from);
    return way.slice(0, way.findIndex(({ succession: { successor } }) => successor === to) + 1);
  }
}

type Known = Exclude<KnownRevocation, { readonly state: 'unknown' }>;

const sign = (keys: GatewayKeys, outpoint: Outpoint, known: Known): SignedRevocationStatus => {
  const nowMs = Date.now();
  const asOf = known.state === 'good' ? known.asOf : known.revokedAt;
  const status: RevocationStatus = {
    ...{ certifier: keys.identityKey, outpoint: printOutpoint(outpoint), state: known.state },
    spenderTxid: known.state === 'good' ? undefined : known.spenderTxid,
    // Another replica's clock may be a little ahead.
    asOf: new Date(Math.min(asOf.getTime(), nowMs)).toISOString(),
    issuedAt: new Date(nowMs).toISOString(),
    validUntil: new Date(nowMs + STATUS_LIFE_MS).toISOString(),
  };
  const signature = Buffer.from(keys.signRevocationStatus(writeRevocationStatus(status))).toString('hex');
  return { status, signature };
};
