import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  type GatewayKeys,
  type Outpoint,
  type Result,
  type RevocationStatus,
  type SignedRevocationStatus,
  accept,
  printOutpoint,
  reject,
  writeRevocationStatus,
} from '#atomic-core';
import { findRevocation, findIssuedOutpoint } from '#ledger';
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
    const issued = await findIssuedOutpoint(this.database, outpoint);
    if (issued === undefined) return reject('certification-unknown');
    // Who relies on the certificate knows the key that signed it. Once that has ended it signs nothing any more, and its successor speaks for it.
    const keys = this.ring.find(issued.certifier) ?? this.ring.current;
    const known = await findRevocation(this.database, outpoint);
    if (known?.state === 'revoked')
      return accept(sign(keys, outpoint, { state: 'revoked', asOf: known.revokedAt, spenderTxid: known.spenderTxid }));
    // Between the order and its transaction nobody may still be told that all is well.
    if (known?.state !== 'good' || issued.isRevoking) return reject('revocation-unknown');
    return accept(sign(keys, outpoint, { state: 'good', asOf: known.asOf, spenderTxid: undefined }));
  }
}

type Known = Pick<RevocationStatus, 'state' | 'spenderTxid'> & { readonly asOf: Date };

const sign = (keys: GatewayKeys, outpoint: Outpoint, { state, asOf, spenderTxid }: Known): SignedRevocationStatus => {
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
};
