import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { GatewayRequest } from '../ingress';
import { KeyRing } from '../keys';
import { callerOf } from './caller';

export interface IdentityView {
  readonly identityKey: string;
  readonly organisation: string;
  /** For whoever opens a session now: in a rotation perhaps another than this session's. */
  readonly gatewayIdentityKey: string;
}

/** Who the gateway thinks the caller is. */
@Controller('v1/identity')
export class IdentityController {
  constructor(@Inject(KeyRing) private readonly keys: KeyRing) {}

  @Get()
  find(@Req() request: GatewayRequest): IdentityView {
    const { identityKey, organisation } = callerOf(request);
    return { identityKey, organisation, gatewayIdentityKey: this.keys.identityKey };
  }
}
