import { Controller, Delete, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { callerOf } from '../identity';
import { type GatewayRequest, bodyOf, mediaTypeOf, readJson, refuse, unwrap } from '../ingress';
import { CertificatesService, type ErasureView, type PresentedCertificateView } from './certificates.service';

/** bytes: the largest certificate in base64, with its keyring, twice over. */
const CERTIFICATE_BODY_BYTES_MAX = 131_072;

const HASH = /^[0-9a-f]{64}$/u;
const DECISIONS_MAX = 100;

const query = z.strictObject({ values: z.enum(['true', 'false']).optional() });
const decisionsQuery = z.strictObject({
  after: z.coerce.number().int().min(-1).max(Number.MAX_SAFE_INTEGER).default(-1),
  limit: z.coerce.number().int().min(1).max(DECISIONS_MAX).default(DECISIONS_MAX),
});

/** A caller's own certificates: nobody is shown, and nobody erases, those of another. */
@Controller('v1/certificates')
export class CertificatesController {
  constructor(@Inject(CertificatesService) private readonly certificates: CertificatesService) {}

  @Post()
  @RouteConfig({ bodyBytesMax: CERTIFICATE_BODY_BYTES_MAX })
  async present(
    @Req() request: GatewayRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PresentedCertificateView> {
    if (mediaTypeOf(request) !== 'application/json') return refuse('media-type-unsupported', 'application/json');
    const certificate = unwrap(readJson(bodyOf(request)));
    const presented = unwrap(await this.certificates.present(callerOf(request), certificate, true));
    void reply.code(presented.outcome === 'presented' ? 201 : 200);
    return presented;
  }

  @Get()
  async list(@Req() request: GatewayRequest, @Query() asked: unknown): Promise<unknown> {
    const parsed = query.safeParse(asked);
    if (!parsed.success) return refuse('query-malformed');
    return { certificates: await this.certificates.list(callerOf(request), parsed.data.values === 'true') };
  }

  /** The organisation's, so whoever audits it may log in and look. */
  @Get(':hash/decisions')
  @RouteConfig({ people: true })
  async listDecisions(
    @Req() request: GatewayRequest,
    @Param('hash') hash: string,
    @Query() asked: unknown,
  ): Promise<unknown> {
    const parsed = decisionsQuery.safeParse(asked);
    if (!parsed.success || !HASH.test(hash)) return refuse('query-malformed');
    const page = { ...parsed.data, certificateHash: Buffer.from(hash, 'hex') };
    const decisions = unwrap(await this.certificates.listDecisions(callerOf(request), page));
    const last = decisions.length < page.limit ? undefined : decisions.at(-1);
    return { decisions, next: last === undefined ? null : last.auditLeaf };
  }

  @Delete()
  async erase(@Req() request: GatewayRequest): Promise<ErasureView> {
    return unwrap(await this.certificates.erase(callerOf(request)));
  }
}
