import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type GatewayKeys, type InitialResponse, readInitialRequest, writeInitialResponse } from '#atomic-core';
import { openSession } from '#ledger';
import { CONFIG, type Config } from '../config';
import { RejectionError, TokenBuckets, rateKeyOfAddress, refuse, unwrap } from '../ingress';
import { GATEWAY_KEYS } from './gateway-keys';
import { HANDSHAKE_LIMITS, type HandshakeLimits } from './handshake-limits';

const SESSION_RANDOM_BYTES = 16;

/** Opens sessions. A session says nothing of who opened it: each later request proves itself (defect A5). */
@Injectable()
export class HandshakeService {
  private readonly addresses: TokenBuckets;
  private readonly total: TokenBuckets;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(GATEWAY_KEYS) private readonly keys: GatewayKeys,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(HANDSHAKE_LIMITS) limits: HandshakeLimits,
  ) {
    this.addresses = new TokenBuckets(limits.perSecondAndAddress, limits.addressesMax);
    this.total = new TokenBuckets(limits.perSecond, 1);
  }

  async open(body: Uint8Array, address: string): Promise<InitialResponse> {
    this.bound(address);
    const { identityKey, initialNonce } = unwrap(readInitialRequest(body));
    const sessionNonce = this.keys.makeNonce('session', randomBytes(SESSION_RANDOM_BYTES));
    const session = { sessionNonce, identityKey, peerNonce: initialNonce };
    const opened = await openSession(this.database, { ...session, ttlMs: this.config.sessionTtlMs });
    if (!opened) return refuse('auth-replayed', 'This handshake was received before.');
    return writeInitialResponse(this.keys, session);
  }

  private bound(address: string): void {
    const nowMs = performance.now();
    const wait = this.addresses.take(rateKeyOfAddress(address), nowMs) || this.total.take('', nowMs);
    if (wait === 0) return;
    throw new RejectionError({ code: 'rate-limited', detail: 'Too many handshakes.' }, { retryAfterSeconds: wait });
  }
}
