import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { readBasketName } from '#atomic-core';
import { findInventory, listInventory } from '#ledger';
import { callerOf } from '../identity';
import { unwrap } from '../ingress';
import { readBody } from './read-body';
import { readKey } from './read-key';
import { stockBody } from './read-wish';
import { ReservationsService } from './reservations.service';

/** Stock: a product is a basket, and each of its outputs stands for a quantity. */
@Controller('v1/inventory')
export class InventoryController {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(ReservationsService) private readonly reservations: ReservationsService,
  ) {}

  @Get()
  @RouteConfig({ people: true })
  async list(@Req() request: FastifyRequest): Promise<unknown> {
    return { products: await listInventory(this.database, callerOf(request).organisation) };
  }

  /** A product that never was and one that is sold out are told alike: nothing on hand. */
  @Get(':product')
  @RouteConfig({ people: true })
  async find(@Req() request: FastifyRequest, @Param('product') product: string): Promise<unknown> {
    return findInventory(this.database, callerOf(request).organisation, unwrap(readBasketName(product)));
  }

  @Post(':product/reservations')
  @HttpCode(201)
  async reserve(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('product') product: string,
  ): Promise<unknown> {
    const key = unwrap(readKey(request));
    const { quantity, ttlSeconds } = unwrap(readBody(request, stockBody));
    const asked = { basket: product, quantity, ttlSeconds };
    const answer = unwrap(await this.reservations.reserve(callerOf(request), asked, key));
    void reply.header('location', `/v1/baskets/reservations/${answer.id}`);
    return answer;
  }
}
