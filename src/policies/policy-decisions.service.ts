import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { Result } from '#atomic-core';
import { CONFIG, type Config } from '../config';
import { type Caller, callerOf, OrganisationDirectory } from '../identity';
import type { GatewayAdapter } from '../ingress';
import { RevocationService } from '../revocation';
import { Log } from '../telemetry';
import { CallerPolicies } from './caller-policies';
import { listActions } from './engine/list-actions';
import { openEngine } from './engine/open-engine';
import { permitEverything } from './engine/permit-everything';
import type { PolicyEngine } from './engine/policy';
import { readPolicyFiles } from './engine/read-policy-files';
import { type CertificateHoldings, type HeldCertificate, HeldCertificates } from './held-certificates.service';
import type { PolicyGrant } from './policy-grant';

/** A right that may end while it is used. */
export interface RenewableRight {
  readonly name: string;
  ask(): Promise<Result<PolicyGrant>>;
}

/** Who may do what: the policies of the operator, opened once, and the decisions that are made by them. */
@Injectable()
export class PolicyDecisions implements OnModuleInit {
  #engine: PolicyEngine | undefined;
  readonly #ofRequests = new WeakMap<FastifyRequest, CallerPolicies>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost<GatewayAdapter>,
    @Inject(OrganisationDirectory) private readonly organisations: OrganisationDirectory,
    @Inject(HeldCertificates) private readonly certificates: HeldCertificates,
    @Inject(RevocationService) private readonly revocations: RevocationService,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Nest has registered every route by now, and nobody is served yet. */
  async onModuleInit(): Promise<void> {
    const actions = listActions(this.host.httpAdapter.listRoutes());
    const { policies: path } = this.config;
    if (path === undefined) {
      this.#engine = permitEverything(actions);
      return;
    }
    this.#engine = await openEngine(readPolicyFiles(path), actions, this.certificates.rules);
    this.log.write('info', 'policies', { path, version: this.#engine.version });
  }

  get engine(): PolicyEngine {
    if (this.#engine === undefined) throw new Error('Nothing is decided before the policies are read.');
    return this.#engine;
  }

  /** The same for as long as the request lasts. */
  of(request: FastifyRequest): CallerPolicies {
    const opened = this.#ofRequests.get(request) ?? this.openFor(callerOf(request));
    this.#ofRequests.set(request, opened);
    return opened;
  }

  /**
   * The question of the route that the request came by, to be asked anew for as long as something goes on that it let in; by its name, those who ask the same
   * may share an answer. Undefined where the route was no question of policy.
   */
  renew(request: FastifyRequest): RenewableRight | undefined {
    const { routeWish: wish } = this.of(request);
    if (wish === undefined) return undefined;
    const { identityKey, organisation, roles } = callerOf(request);
    const name = JSON.stringify([identityKey, organisation, roles ?? [], wish]);
    return { name, ask: () => this.openFor({ identityKey, organisation, ...(roles && { roles }) }).decide(wish) };
  }

  /** Whoever came without a key brings its roles along. */
  openFor(caller: Pick<Caller, 'identityKey' | 'organisation' | 'roles'>): CallerPolicies {
    const { engine, certificates, revocations } = this;
    const { identityKey, organisation, roles = this.organisations.rolesOf(identityKey) } = caller;
    return new CallerPolicies({ engine, certificates, revocations }, { identityKey, organisation, roles });
  }

  /** As whoever approves for `organisation`. Whom a certificate lets in from outside belongs to nobody here, and holds what it presented under its own key. */
  openForApprover(
    { identityKey, organisation }: Pick<Caller, 'identityKey' | 'organisation'>,
    standing: HeldCertificate | undefined,
  ): CallerPolicies {
    if (standing === undefined) return this.openFor({ identityKey, organisation });
    const { engine, revocations } = this;
    const list = async (): Promise<CertificateHoldings> => {
      const own = await this.certificates.list({ identityKey, organisation: identityKey });
      return { ...own, held: [...own.held, standing] };
    };
    return new CallerPolicies(
      { engine, certificates: { list }, revocations },
      { identityKey, organisation, roles: [] },
    );
  }
}
