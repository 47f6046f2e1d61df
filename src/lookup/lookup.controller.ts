import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../identity';
import { bodyOf, mediaTypeOf, readJson, refuse, unwrap } from '../ingress';
import { LookupService, type BasketPage, type OutputList } from './lookup.service';

@Controller('v1')
export class LookupController {
  constructor(@Inject(LookupService) private readonly lookups: LookupService) {}

  @Post('lookup')
  @HttpCode(200)
  async lookup(@Req() request: FastifyRequest): Promise<OutputList> {
    if (mediaTypeOf(request) !== 'application/json') refuse('media-type-unsupported', 'application/json');
    return unwrap(await this.lookups.answer(unwrap(readJson(bodyOf(request)))));
  }

  @Get('baskets/:basket/outputs')
  async listBasket(
    @Req() request: FastifyRequest,
    @Param('basket') basket: string,
    @Query('after') after: unknown,
  ): Promise<BasketPage> {
    if (after !== undefined && typeof after !== 'string') return refuse('query-malformed', 'after appears once');
    return unwrap(await this.lookups.listBasket(callerOf(request).organisation, basket, after));
  }
}
