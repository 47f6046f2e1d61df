import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { Explanation } from '#atomic-core';
import { VerificationsService } from './verifications.service';

@Controller('v1/verifications')
export class VerificationsController {
  constructor(@Inject(VerificationsService) private readonly verifications: VerificationsService) {}

  /** A refused transaction is an answer here, not a problem: what was asked for is the verdict. */
  @Post()
  @RouteConfig({ people: true })
  @HttpCode(200)
  explain(@Req() request: FastifyRequest): Promise<Explanation> {
    return this.verifications.explain(request);
  }
}
