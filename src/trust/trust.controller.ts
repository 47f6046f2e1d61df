import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { callerOf } from '../identity';
import { type GatewayRequest, refuse, unwrap } from '../ingress';
import { changeBody, momentQuery, pageQuery, readChange, readTrustBody, readTrustQuery } from './read-trust';
import { TrustService } from './trust.service';
import { writeChange, writePin, writeRule } from './write-trust';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

/** As we print them; what is no id names nothing, and PostgreSQL is not asked. */
const readId = (text: string): string => (UUID.test(text) ? text : refuse('trust-change-unknown'));

/** The registry of the caller's organisation: nobody is shown, and nobody changes, that of another. */
@Controller('v1/trust')
export class TrustController {
  constructor(@Inject(TrustService) private readonly trust: TrustService) {}

  @Get()
  @RouteConfig({ people: true })
  async look(@Req() request: GatewayRequest, @Query() asked: unknown): Promise<unknown> {
    const { at } = unwrap(readTrustQuery(asked, momentQuery));
    const caller = callerOf(request);
    const { rules, pins, approvalsNeeded } = unwrap(
      await this.trust.look(caller, at === undefined ? undefined : new Date(at)),
    );
    const { organisation } = caller;
    return { organisation, approvalsNeeded, rules: rules.map(writeRule), pins: pins.map(writePin) };
  }

  @Get('changes')
  @RouteConfig({ people: true })
  async list(@Req() request: GatewayRequest, @Query() asked: unknown): Promise<unknown> {
    const { limit, before } = unwrap(readTrustQuery(asked, pageQuery));
    const changes = unwrap(await this.trust.list(callerOf(request), { limit, before }));
    const last = changes.length < limit ? undefined : changes.at(-1);
    return { changes: changes.map(writeChange), next: last?.place ?? null };
  }

  @Post('changes')
  @RouteConfig({ people: true })
  @HttpCode(201)
  async propose(
    @Req() request: GatewayRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Record<string, unknown>> {
    const asked = readChange(unwrap(readTrustBody(request, changeBody)));
    const change = unwrap(await this.trust.propose(callerOf(request), asked));
    void reply.header('location', `/v1/trust/changes/${change.id}`);
    return writeChange(change);
  }

  @Get('changes/:id')
  @RouteConfig({ people: true })
  async find(@Req() request: GatewayRequest, @Param('id') id: string): Promise<Record<string, unknown>> {
    return writeChange(unwrap(await this.trust.find(callerOf(request), readId(id))));
  }

  @Post('changes/:id/approvals')
  @RouteConfig({ people: true })
  @HttpCode(200)
  async approve(@Req() request: GatewayRequest, @Param('id') id: string): Promise<Record<string, unknown>> {
    return writeChange(unwrap(await this.trust.approve(callerOf(request), readId(id))));
  }

  @Delete('changes/:id')
  @RouteConfig({ people: true })
  async withdraw(@Req() request: GatewayRequest, @Param('id') id: string): Promise<Record<string, unknown>> {
    return writeChange(unwrap(await this.trust.withdraw(callerOf(request), readId(id))));
  }
}
