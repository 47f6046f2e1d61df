import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { accept, type Result } from '#atomic-core';
import { CONFIG, type Config } from '../config';
import type { Caller } from '../identity';
import { refuse } from '../ingress';
import { PolicyDecisions, type PolicyGrant } from '../policies';

/** The tenant of those without a name. No organisation can be configured under it. */
const PUBLIC = 'public';
/**
 * Stands where an identity key stands for those who have none. A compressed key whose x is zero: the curve has no such point (7 has no square root in its
 * field), so nobody can hold its secret, open a session for it or sign under it.
 */
export const NOBODY = `02${'00'.repeat(32)}`;

const HOW =
  'This is served to authenticated callers: shake hands at POST /.well-known/auth and sign each request (BRC-103, BRC-104), as AuthFetch of @bsv/sdk does.';

/** Who may have what on the overlay routes: whoever authenticates has everything, all others the names that the operator opened. */
@Injectable()
export class OverlayAccess {
  private readonly names: ReadonlySet<string>;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(PolicyDecisions) private readonly policies: PolicyDecisions,
  ) {
    this.names = new Set(config.overlayOpen);
  }

  isOpen(name: string): boolean {
    return this.names.has('*') || this.names.has(name);
  }

  /** Who asks for these names; refused where one of them is closed to those without a name. */
  admit(request: FastifyRequest, names: readonly string[]): Caller {
    if (request.caller !== undefined) return request.caller;
    return names.every((name) => this.isOpen(name)) ? nobodyOf(request) : refuse('auth-required', HOW);
  }

  /** Whether who has a name may submit to these topics. Who has none may what the operator opened, which is no question of policy. */
  async grant(request: FastifyRequest, topics: readonly string[]): Promise<Result<PolicyGrant | undefined>> {
    return request.caller === undefined ? accept(undefined) : this.policies.of(request).admit(topics);
  }

  /** What of these names is shown; nothing at all to one without a name where nothing is open. */
  show(request: FastifyRequest, names: readonly string[]): readonly string[] {
    if (request.caller !== undefined) return names;
    if (this.names.size === 0) return refuse('auth-required', HOW);
    return names.filter((name) => this.isOpen(name));
  }
}

const nobodyOf = ({ id }: FastifyRequest): Caller => ({
  organisation: PUBLIC,
  identityKey: NOBODY,
  sessionNonce: '',
  requestId: id,
});

export const isNobody = ({ identityKey }: Pick<Caller, 'identityKey'>): boolean => identityKey === NOBODY;
