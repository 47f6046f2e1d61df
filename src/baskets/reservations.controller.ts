import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../identity';
import { unwrap } from '../ingress';
import { BasketsService } from './baskets.service';
import { readBody, readOptionalBody } from './read-body';
import { readKey } from './read-key';
import { renewalBody, reservationBody } from './read-wish';
import { ReservationsService } from './reservations.service';

@Controller('v1/baskets/reservations')
export class ReservationsController {
  constructor(
    @Inject(ReservationsService) private readonly reservations: ReservationsService,
    @Inject(BasketsService) private readonly baskets: BasketsService,
  ) {}

  @Post()
  @HttpCode(201)
  async reserve(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const key = unwrap(readKey(request));
    const body = unwrap(readBody(request, reservationBody));
    const answer = unwrap(await this.reservations.reserve(callerOf(request), body, key));
    void reply.header('location', `/v1/baskets/reservations/${answer.id}`);
    return answer;
  }

  @Get(':id')
  @RouteConfig({ people: true })
  async find(@Req() request: FastifyRequest, @Param('id') id: string, @Query() query: unknown): Promise<unknown> {
    const { organisation } = callerOf(request);
    // A basket may be called "reservations": the router takes its outputs for one of them.
    if (id === 'outputs') return unwrap(await this.baskets.listOutputs(organisation, 'reservations', query));
    return unwrap(await this.reservations.find(organisation, id));
  }

  @Post(':id/renew')
  @HttpCode(200)
  async renew(@Req() request: FastifyRequest, @Param('id') id: string): Promise<unknown> {
    const { ttlSeconds } = unwrap(readOptionalBody(request, renewalBody));
    return unwrap(await this.reservations.renew(callerOf(request).organisation, id, ttlSeconds));
  }

  @Delete(':id')
  @RouteConfig({ people: true })
  async release(@Req() request: FastifyRequest, @Param('id') id: string): Promise<unknown> {
    return unwrap(await this.reservations.release(callerOf(request).organisation, id));
  }
}
