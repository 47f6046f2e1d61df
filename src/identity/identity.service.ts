import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import {
  type AuthHeaders,
  type AuthSession,
  type GatewayKeys,
  type InSession,
  type SignedResponse,
  readAuthHeaders,
  signResponse,
  verifyRequest,
  verifySessionNonce,
} from '#atomic-core';
import { findSession } from '#ledger';
import { bodyOf, refuse, unwrap } from '../ingress';
import { KeyRing } from '../keys';
import type { Caller } from './caller';
import { NonceClaims } from './nonce-claims';
import { OrganisationDirectory } from './organisation-directory';
import { RecentSessions } from './recent-sessions';
import { StrangerTurns } from './stranger-turns';

const NONCE_BYTES = 32;
/** sessions: some 5 MB. One caller needs one, whatever it sends. */
const SESSIONS_REMEMBERED_MAX = 10_000;

/** An authenticated request, and what its answer is signed for. */
export interface Authentication {
  readonly caller: Caller;
  /** What the session was opened under, which the answer is signed with. */
  readonly keys: GatewayKeys;
  readonly session: AuthSession;
  /** The caller's id of the request (BRC-104), echoed and signed in the answer. */
  readonly requestId: string;
}

/** Who is calling: BRC-103/104 for one request at a time, from the request and the shared session table, so any replica serves it. */
@Injectable()
export class IdentityService {
  private readonly recent = new RecentSessions(SESSIONS_REMEMBERED_MAX);

  constructor(
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(NonceClaims) private readonly nonces: NonceClaims,
    @Inject(OrganisationDirectory) private readonly organisations: OrganisationDirectory,
    @Inject(StrangerTurns) private readonly strangers: StrangerTurns,
  ) {}

  /** What can be refused before the body is read and without asking the database. Undefined where nobody has to authenticate and this one does not try. */
  readHeaders(request: FastifyRequest, need: 'required' | 'optional'): InSession<AuthHeaders> | undefined {
    const read = readAuthHeaders(request.raw.rawHeaders);
    if (!read.ok && read.rejection.code === 'auth-required' && need === 'optional') return undefined;
    const headers = unwrap(read);
    return unwrap(verifySessionNonce(this.ring.findMaker(headers) ?? this.ring.current, headers));
  }

  async authenticate(request: FastifyRequest, headers: InSession<AuthHeaders>): Promise<Authentication> {
    const { identityKey, sessionNonce } = headers;
    // Asked again: the key may have ended while the body came.
    const keys = this.ring.findMaker(headers);
    if (keys === undefined) return refuse('auth-session-unknown');
    const known = this.recent.find(sessionNonce);
    if (known === undefined) await this.strangers.take();
    const { method = '', url = '', rawHeaders } = request.raw;
    const verified = verifyRequest(keys, headers, { method, url, rawHeaders, body: bodyOf(request) });
    // One good signature opens no way past the turns for a thousand bad ones.
    if (!verified.ok) this.recent.forget(sessionNonce);
    unwrap(verified);
    const session = known ?? (await findSession(this.database, sessionNonce));
    if (session === undefined) return refuse('auth-session-unknown');
    this.recent.add(session);
    await this.nonces.claimOnce(headers, () => this.recent.forget(sessionNonce));
    const organisation = this.organisations.organisationOf(identityKey);
    const caller = { identityKey, organisation, sessionNonce, requestId: request.id };
    return { caller, keys, session, requestId: headers.requestId };
  }

  sign({ keys, session, requestId }: Authentication, response: SignedResponse): Record<string, string> {
    return signResponse(keys, { session, requestId, random: randomBytes(NONCE_BYTES) }, response);
  }
}
