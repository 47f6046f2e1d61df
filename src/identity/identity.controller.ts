import { Controller, Get, Inject, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { Role } from '../config';
import type { GatewayRequest } from '../ingress';
import { KeyRing } from '../keys';
import { callerOf } from './caller';
import { OrganisationDirectory } from './organisation-directory';
import { idOf, kindOf, type PrincipalKind } from './principal-name';

export interface IdentityView {
  /** Null where there is none: a person, or a machine with a certificate. */
  readonly identityKey: string | null;
  readonly kind: PrincipalKind;
  /** The key; `<issuer>#<subject>`; what the configuration calls the machine. */
  readonly name: string;
  readonly roles: readonly Role[];
  readonly organisation: string;
  /** For whoever opens a session now: in a rotation perhaps another than this session's. */
  readonly gatewayIdentityKey: string;
}

/** Who the gateway thinks the caller is. */
@Controller('v1/identity')
export class IdentityController {
  constructor(
    @Inject(KeyRing) private readonly keys: KeyRing,
    @Inject(OrganisationDirectory) private readonly organisations: OrganisationDirectory,
  ) {}

  @Get()
  @RouteConfig({ people: true })
  find(@Req() request: GatewayRequest): IdentityView {
    const { identityKey, organisation, roles = this.organisations.rolesOf(identityKey) } = callerOf(request);
    const kind = kindOf(identityKey);
    return {
      ...{ identityKey: kind === 'identity' ? identityKey : null, kind, name: idOf(identityKey), roles },
      ...{ organisation, gatewayIdentityKey: this.keys.identityKey },
    };
  }
}
