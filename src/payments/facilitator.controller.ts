import { createHash, timingSafeEqual } from 'node:crypto';
import { Controller, Get, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../config';
import { bodyOf, readJson, refuse, unwrap } from '../ingress';
import { FacilitatorService, type Verified } from './facilitator.service';
import type { Settled, Unsettled } from './x402-messages';

/** A payment and its ancestors in base64, and what was asked for it. */
const BODY_BYTES_MAX = 1_048_576;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Where the servers of the operator have payments to it verified and settled, as `HTTPFacilitatorClient` of `@x402/core` asks. */
@Controller('x402')
export class FacilitatorController {
  readonly #tokenDigest: Buffer | undefined;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(FacilitatorService) private readonly facilitator: FacilitatorService,
  ) {
    const token = config.facilitatorToken?.reveal();
    this.#tokenDigest = token === undefined ? undefined : digest(`Bearer ${token}`);
  }

  @Get('supported')
  describe(): ReturnType<FacilitatorService['describe']> {
    return this.facilitator.describe();
  }

  @Post('verify')
  @HttpCode(200)
  @RouteConfig({ bodyBytesMax: BODY_BYTES_MAX })
  verify(@Req() request: FastifyRequest): Promise<Verified> {
    return this.facilitator.verify(this.#read(request));
  }

  @Post('settle')
  @HttpCode(200)
  @RouteConfig({ bodyBytesMax: BODY_BYTES_MAX })
  settle(@Req() request: FastifyRequest): Promise<Settled | Unsettled> {
    return this.facilitator.settle(request, this.#read(request));
  }

  /** Digests are of one length, so the comparison tells nothing of the token. */
  #read(request: FastifyRequest): unknown {
    const shown = digest(request.headers.authorization ?? '');
    if (this.#tokenDigest === undefined || !timingSafeEqual(shown, this.#tokenDigest))
      return refuse('facilitator-unauthorised');
    return unwrap(readJson(bodyOf(request)));
  }
}
