import { Controller, Get, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { callerOf } from '../identity';
import { type GatewayRequest, unwrap } from '../ingress';
import { BundlesService } from './bundles.service';
import { bundleBody, bundleQuery, readTrustBody, readTrustQuery } from './read-trust';
import { writeChange } from './write-trust';

/** bytes: as many rules as a bundle may have, with as many fields as a certificate may have, are 250,000. */
const BUNDLE_BODY_BYTES_MAX = 262_144;

@Controller('v1/trust')
export class BundlesController {
  constructor(@Inject(BundlesService) private readonly bundles: BundlesService) {}

  @Get('bundle')
  @RouteConfig({ people: true })
  async export(@Req() request: GatewayRequest, @Query() asked: unknown): Promise<Record<string, unknown>> {
    const { days } = unwrap(readTrustQuery(asked, bundleQuery));
    return unwrap(await this.bundles.export(callerOf(request), days));
  }

  @Post('bundles')
  @HttpCode(201)
  @RouteConfig({ bodyBytesMax: BUNDLE_BODY_BYTES_MAX, people: true })
  async import(
    @Req() request: GatewayRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Record<string, unknown>> {
    const { bundle, signature, effectiveAt } = unwrap(readTrustBody(request, bundleBody));
    const at = effectiveAt === undefined ? undefined : new Date(effectiveAt);
    const change = unwrap(await this.bundles.import(callerOf(request), { bundle, signature, effectiveAt: at }));
    void reply.header('location', `/v1/trust/changes/${change.id}`);
    return writeChange(change);
  }
}
