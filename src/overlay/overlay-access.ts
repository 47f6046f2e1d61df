import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { accept, type Result } from '#atomic-core';
import { CONFIG, type Config } from '../config';
import { nobodyOf, type Caller } from '../identity';
import { refuse } from '../ingress';
import { PolicyDecisions, type PolicyGrant } from '../policies';

const HOW =
  'This is served to authenticated callers: shake hands at POST /.well-known/auth and sign each request (BRC-103, BRC-104), as AuthFetch of @bsv/sdk does.';

/** Who may have what on the overlay routes: whoever authenticates has everything, all others the names that the operator opened. */
@Injectable()
export class OverlayAccess {
  private readonly names: ReadonlySet<string>;
  private readonly sold: ReadonlySet<string>;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(PolicyDecisions) private readonly policies: PolicyDecisions,
  ) {
    this.names = new Set(config.overlayOpen);
    this.sold = new Set(config.overlayPaid);
  }

  isOpen(name: string): boolean {
    return this.names.has('*') || this.names.has(name);
  }

  /** What anyone may have who pays the price of the route, and nobody for nothing. */
  isSold(name: string): boolean {
    return !this.isOpen(name) && (this.sold.has('*') || this.sold.has(name));
  }

  /** Who asks for these names; refused where one of them is closed to those without a name. */
  admit(request: FastifyRequest, names: readonly string[]): Caller {
    if (request.caller !== undefined) return request.caller;
    return names.every((name) => this.isOpen(name)) ? nobodyOf(request) : refuse('auth-required', HOW);
  }

  /** The same where the route takes its price: whoever pays it may have what is sold. Paying proves no name, so who pays stays nobody. */
  admitBuyer(request: FastifyRequest, names: readonly string[]): Caller {
    return names.every((name) => this.isOffered(name)) && request.caller === undefined
      ? nobodyOf(request)
      : this.admit(request, names);
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

  /** The same with what is sold: what there is to be had, not what it holds. */
  showOffered(request: FastifyRequest, names: readonly string[]): readonly string[] {
    const isClosed = request.caller === undefined && this.sold.size === 0;
    if (isClosed || request.caller !== undefined) return this.show(request, names);
    return names.filter((name) => this.isOffered(name));
  }

  private isOffered(name: string): boolean {
    return this.isOpen(name) || this.isSold(name);
  }
}
