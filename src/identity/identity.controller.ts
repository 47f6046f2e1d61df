import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { GatewayKeys } from '#atomic-core';
import type { GatewayRequest } from '../ingress';
import { callerOf } from './caller';
import { GATEWAY_KEYS } from './gateway-keys';

export interface IdentityView {
  readonly identityKey: string;
  readonly organisation: string;
  readonly gatewayIdentityKey: string;
}

/** Who the gateway thinks the caller is. */
@Controller('v1/identity')
export class IdentityController {
  constructor(@Inject(GATEWAY_KEYS) private readonly keys: GatewayKeys) {}

  @Get()
  find(@Req() request: GatewayRequest): IdentityView {
    const { identityKey, organisation } = callerOf(request);
    return { identityKey, organisation, gatewayIdentityKey: this.keys.identityKey };
  }
}
