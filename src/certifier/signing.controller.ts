import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { callerOf } from '../identity';
import { type GatewayRequest, bodyOf, mediaTypeOf, readJson, refuse, unwrap } from '../ingress';
import { SigningRequests } from './signing-requests.service';
import type { IssuedView } from './write-certification';

/** bytes: the largest certificate in base64, with its keyring, twice over. */
const REQUEST_BYTES_MAX = 131_072;

/** Where wallets look for it, under the URL of a certifier: BRC-53, in the words of `acquireCertificate`. */
@Controller('v1/certifier')
export class SigningController {
  constructor(@Inject(SigningRequests) private readonly requests: SigningRequests) {}

  @Post('signCertificate')
  @HttpCode(200)
  @RouteConfig({ bodyBytesMax: REQUEST_BYTES_MAX })
  async sign(@Req() request: GatewayRequest): Promise<IssuedView> {
    if (mediaTypeOf(request) !== 'application/json') return refuse('media-type-unsupported', 'application/json');
    return unwrap(await this.requests.ask(callerOf(request), unwrap(readJson(bodyOf(request)))));
  }
}
