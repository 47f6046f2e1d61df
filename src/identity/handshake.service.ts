import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  type AuthMessage,
  type CertificateResponse,
  type InitialRequest,
  type InitialResponse,
  readAuthMessage,
  reject,
  writeInitialResponse,
} from '#atomic-core';
import { openSession } from '#ledger';
import { CONFIG, type Config } from '../config';
import { RejectionError, TokenBuckets, rateKeyOfAddress, readJson, refuse, unwrap } from '../ingress';
import { KeyRing } from '../keys';
import { CertificateExchange, type PresentedAnswer } from './certificate-exchange';
import { HANDSHAKE_LIMITS, SHOWN_FIELDS_MAX, type HandshakeLimits } from './handshake-limits';
import { StrangerTurns } from './stranger-turns';

const SESSION_RANDOM_BYTES = 16;

/** Where a message came from, and the id that the gateway gave it. */
export interface MessageOrigin {
  readonly address: string;
  readonly requestId: string;
}

/** Opens sessions. A session says nothing of who opened it: each later request or message proves itself (defect A5). */
@Injectable()
export class HandshakeService {
  readonly addresses: TokenBuckets;
  readonly total: TokenBuckets;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(CertificateExchange) private readonly exchange: CertificateExchange,
    @Inject(StrangerTurns) private readonly strangers: StrangerTurns,
    @Inject(HANDSHAKE_LIMITS) limits: HandshakeLimits,
  ) {
    this.addresses = new TokenBuckets(limits.perSecondAndAddress, limits.addressesMax);
    this.total = new TokenBuckets(limits.perSecond, 1);
  }

  async receive(
    body: Uint8Array,
    { address, requestId }: MessageOrigin,
  ): Promise<InitialResponse | CertificateResponse | PresentedAnswer> {
    this.bound(address);
    await this.strangers.take();
    const message = this.read(body);
    return message.kind === 'initialRequest' ? this.open(message) : this.exchange.answer(message, requestId);
  }

  /** As strictly as every JSON here: what is signed is written again from what was read, and nobody may read it differently. */
  private read(body: Uint8Array): AuthMessage {
    const json = readJson(body);
    return unwrap(json.ok ? readAuthMessage(json.value) : reject('auth-malformed', json.rejection.detail));
  }

  private async open({ identityKey, initialNonce, wanted }: InitialRequest): Promise<InitialResponse> {
    // Its signatures over a handshake would verify as those of a request by itself: nonces can be made to look like one.
    if (this.ring.isOwn(identityKey))
      return refuse('auth-malformed', 'This is the identity key of the gateway itself.');
    const requestedCertificates = await this.exchange.listRequested(identityKey);
    const keys = this.ring.current;
    const sessionNonce = keys.makeSessionNonce(randomBytes(SESSION_RANDOM_BYTES), identityKey);
    const session = { sessionNonce, identityKey, peerNonce: initialNonce };
    const opened = await openSession(this.database, { ...session, ttlMs: this.config.sessionTtlMs });
    if (!opened) return refuse('auth-replayed', 'This handshake was received before.');
    // Who asks is not proven here: the keyring is of use to that identity alone, and what is around it seen by whoever names it (decision 0053).
    const certificates = await this.exchange.showOwn(keys, identityKey, { wanted, fieldsMax: SHOWN_FIELDS_MAX });
    return writeInitialResponse(keys, session, { requestedCertificates, certificates });
  }

  private bound(address: string): void {
    const nowMs = performance.now();
    const wait = this.addresses.take(rateKeyOfAddress(address), nowMs) || this.total.take('', nowMs);
    if (wait === 0) return;
    throw new RejectionError(
      { code: 'rate-limited', detail: 'Too many messages of authentication.' },
      { retryAfterSeconds: wait },
    );
  }
}
