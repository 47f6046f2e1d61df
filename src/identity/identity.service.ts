import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import {
  type AuthHeaders,
  type AuthSession,
  type GatewayKeys,
  type SignedResponse,
  readAuthHeaders,
  signResponse,
  verifyRequest,
} from '#atomic-core';
import { claimNonce, findSession } from '#ledger';
import { bodyOf, refuse, unwrap } from '../ingress';
import type { Caller } from './caller';
import { GATEWAY_KEYS } from './gateway-keys';
import { OrganisationDirectory } from './organisation-directory';

const NONCE_BYTES = 32;

/** An authenticated request, and what its answer is signed for. */
export interface Authentication {
  readonly caller: Caller;
  readonly session: AuthSession;
  /** The caller's id of the request (BRC-104), echoed and signed in the answer. */
  readonly requestId: string;
}

/** Who is calling: BRC-103/104 for one request at a time, from the request and the shared session table alone, so any replica serves it. */
@Injectable()
export class IdentityService {
  constructor(
    @Inject(GATEWAY_KEYS) private readonly keys: GatewayKeys,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(OrganisationDirectory) private readonly organisations: OrganisationDirectory,
  ) {}

  /** What can be refused before the body is read and without asking the database. */
  readHeaders(request: FastifyRequest): AuthHeaders {
    const headers = unwrap(readAuthHeaders(request.raw.rawHeaders));
    return this.keys.isOwnNonce('session', headers.sessionNonce) ? headers : refuse('auth-session-unknown');
  }

  async authenticate(request: FastifyRequest, headers: AuthHeaders): Promise<Authentication> {
    const session = await findSession(this.database, headers.sessionNonce);
    if (session === undefined) return refuse('auth-session-unknown');
    const { method = '', url = '', rawHeaders } = request.raw;
    unwrap(verifyRequest(this.keys, session, headers, { method, url, rawHeaders, body: bodyOf(request) }));
    // Only now: a nonce may be used up by nobody but the one who can sign. And before the handler: of two copies one passes (A3).
    if (!(await claimNonce(this.database, headers.sessionNonce, headers.nonce))) return refuse('auth-replayed');
    const caller = {
      identityKey: session.identityKey,
      organisation: this.organisations.organisationOf(session.identityKey),
      sessionNonce: session.sessionNonce,
      requestId: request.id,
    };
    return { caller, session, requestId: headers.requestId };
  }

  sign({ session, requestId }: Authentication, response: SignedResponse): Record<string, string> {
    return signResponse(this.keys, { session, requestId, random: randomBytes(NONCE_BYTES) }, response);
  }
}
