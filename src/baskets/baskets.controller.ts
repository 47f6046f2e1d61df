import { Controller, Delete, Get, Inject, Param, Query, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../identity';
import { unwrap } from '../ingress';
import { BasketsService, type BasketPage } from './baskets.service';

@Controller('v1/baskets')
export class BasketsController {
  constructor(@Inject(BasketsService) private readonly baskets: BasketsService) {}

  @Get()
  @RouteConfig({ people: true })
  list(@Req() request: FastifyRequest): Promise<unknown> {
    return this.baskets.list(callerOf(request).organisation);
  }

  @Get(':basket/outputs')
  @RouteConfig({ people: true })
  async listOutputs(
    @Req() request: FastifyRequest,
    @Param('basket') basket: string,
    @Query() query: unknown,
  ): Promise<BasketPage> {
    return unwrap(await this.baskets.listOutputs(callerOf(request).organisation, basket, query));
  }

  @Delete(':basket/outputs/:outpoint')
  async relinquish(
    @Req() request: FastifyRequest,
    @Param('basket') basket: string,
    @Param('outpoint') outpoint: string,
  ): Promise<unknown> {
    return unwrap(await this.baskets.relinquish(callerOf(request), basket, outpoint));
  }
}
