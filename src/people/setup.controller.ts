import { Controller, Get, Header, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { isIdentityKey } from '#atomic-core';
import { type GatewayRequest, bodyOf, makePagePolicy, refuse, unwrap } from '../ingress';
import { judgeOrigin } from './judge-origin';
import { FORM_BYTES_MAX, HTML } from './people.controller';
import { PublicOrigin } from './public-origin.service';
import { Setups } from './setups.service';
import { isToken } from './token';
import { writeOwnerPage, writeSetupPage } from './write-pages';

/** Tenants of the gateway itself. */
const TAKEN = new Set(['public', 'gateway']);

const setupForm = z.object({
  token: z.string(),
  organisation: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/u)
    .refine((name) => !TAKEN.has(name)),
  identityKey: z.union([z.literal(''), z.string().refine(isIdentityKey)]).optional(),
});

const POLICY = makePagePolicy("'self'");

/** Where the setup link leads. */
@Controller('people/setup')
export class SetupController {
  constructor(
    @Inject(Setups) private readonly setups: Setups,
    @Inject(PublicOrigin) private readonly place: PublicOrigin,
  ) {}

  /** Looks at nothing and changes nothing: whether the link is good, its use says. */
  @Get()
  @RouteConfig({ refusals: 'page' })
  @Header('content-type', HTML)
  ask(@Query('token') token: unknown, @Res({ passthrough: true }) reply: FastifyReply): string {
    if (!this.setups.isOpen || typeof token !== 'string' || !isToken(token)) return refuse('setup-link-invalid');
    void reply.headers(POLICY);
    return writeSetupPage(token);
  }

  @Post()
  @RouteConfig({ refusals: 'page', bodyBytesMax: FORM_BYTES_MAX })
  @HttpCode(200)
  @Header('content-type', HTML)
  async use(@Req() request: GatewayRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    unwrap(judgeOrigin(request, this.place.origin, { isForm: true }));
    const form = setupForm.safeParse(Object.fromEntries(new URLSearchParams(bodyOf(request).toString('utf8'))));
    // Before the link is used up: a mistake in a name can be mended.
    if (!form.success) return refuse('request-malformed', 'The organisation or the key is not well formed.');
    const { token, organisation, identityKey } = form.data;
    const cookie = await this.setups.use(request, token, organisation);
    void reply.headers(POLICY).header('set-cookie', cookie);
    return writeOwnerPage({ organisation, identityKey: identityKey === '' ? undefined : identityKey });
  }
}
