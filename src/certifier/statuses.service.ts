import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  type Outpoint,
  type Result,
  type RevocationStatus,
  type SignedRevocationStatus,
  accept,
  printOutpoint,
  reject,
  writeRevocationStatus,
} from '#atomic-core';
import { findRevocation, isRevocationOrdered } from '#ledger';
import { KeyRing } from '../keys';

/** How long a statement may be shown: who keeps an old one hides a revocation no longer. */
const STATUS_LIFE_MS = 600_000;

/** What this certifier says of its own certificates to whoever asks, signed and of short life. */
@Injectable()
export class StatusesService {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(KeyRing) private readonly ring: KeyRing,
  ) {}

  async find(outpoint: Outpoint): Promise<Result<SignedRevocationStatus>> {
    const isOrdered = await isRevocationOrdered(this.database, outpoint);
    if (isOrdered === undefined) return reject('certification-unknown');
    const known = await findRevocation(this.database, outpoint);
    if (known?.state === 'revoked')
      return accept(this.sign(outpoint, { state: 'revoked', asOf: known.revokedAt, spenderTxid: known.spenderTxid }));
    // Between the order and its transaction nobody may still be told that all is well.
    if (known?.state !== 'good' || isOrdered) return reject('revocation-unknown');
    return accept(this.sign(outpoint, { state: 'good', asOf: known.asOf, spenderTxid: undefined }));
  }

  private sign(
    outpoint: Outpoint,
    { state, asOf, spenderTxid }: Pick<RevocationStatus, 'state' | 'spenderTxid'> & { readonly asOf: Date },
  ): SignedRevocationStatus {
    const keys = this.ring.current;
    const nowMs = Date.now();
    const status: RevocationStatus = {
      ...{ certifier: keys.identityKey, outpoint: printOutpoint(outpoint), state, spenderTxid },
      // Another replica's clock may be a little ahead.
      asOf: new Date(Math.min(asOf.getTime(), nowMs)).toISOString(),
      issuedAt: new Date(nowMs).toISOString(),
      validUntil: new Date(nowMs + STATUS_LIFE_MS).toISOString(),
    };
    const signature = Buffer.from(keys.signRevocationStatus(writeRevocationStatus(status))).toString('hex');
    return { status, signature };
  }
}
