import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { z } from 'zod';
import { callerOf } from '../identity';
import { type GatewayRequest, refuse, unwrap } from '../ingress';
import { DecisionsService, type DecisionView, type RevocationView } from './decisions.service';

const PAGE_MAX = 100;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

const listQuery = z.strictObject({
  state: z.enum(['pending', 'approved', 'refused', 'issued', 'withdrawn']).optional(),
  after: z.string().regex(UUID).optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_MAX),
});

const idOf = (text: string): string => (UUID.test(text) ? text : refuse('certification-unknown'));

/** For members of the certifier's organisation: what was asked, and what becomes of it. */
@Controller('v1/certifications')
export class CertificationsController {
  constructor(@Inject(DecisionsService) private readonly decisions: DecisionsService) {}

  @Get()
  @RouteConfig({ people: true })
  async list(@Req() request: GatewayRequest, @Query() asked: unknown): Promise<unknown> {
    const parsed = listQuery.safeParse(asked);
    if (!parsed.success) return refuse('query-malformed');
    const { state, after, limit } = parsed.data;
    const certifications = unwrap(await this.decisions.list(callerOf(request), { state, after, limit }));
    const last = certifications.length < limit ? undefined : certifications.at(-1);
    return { certifications, next: last?.id ?? null };
  }

  @Post(':id/approve')
  @RouteConfig({ people: true })
  @HttpCode(200)
  async approve(@Req() request: GatewayRequest, @Param('id') id: string): Promise<DecisionView> {
    return unwrap(await this.decisions.decide(callerOf(request), idOf(id), 'approved'));
  }

  @Post(':id/refuse')
  @RouteConfig({ people: true })
  @HttpCode(200)
  async refuse(@Req() request: GatewayRequest, @Param('id') id: string): Promise<DecisionView> {
    return unwrap(await this.decisions.decide(callerOf(request), idOf(id), 'refused'));
  }

  @Post(':id/revoke')
  @RouteConfig({ people: true })
  @HttpCode(200)
  async revoke(@Req() request: GatewayRequest, @Param('id') id: string): Promise<RevocationView> {
    return unwrap(await this.decisions.revoke(callerOf(request), idOf(id)));
  }
}
