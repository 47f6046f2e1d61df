import { Controller, Get, Header, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '../config';
import { type GatewayRequest, bodyOf, makePagePolicy, unwrap } from '../ingress';
import { dropCookie } from './cookies';
import { IdentityProvider } from './identity-provider.service';
import { judgeOrigin } from './judge-origin';
import { Logins, type Redirection } from './logins.service';
import { PagePaths } from './page-paths.service';
import { PersonSessions } from './person-sessions.service';
import { PublicOrigin } from './public-origin.service';
import { writePersonPage, writeStrangerPage } from './write-pages';

export const HTML = 'text/html; charset=utf-8';
export const FORM_BYTES_MAX = 4_096;

/** The pages of operators and auditors, and their way in and out. */
@Controller('people')
export class PeopleController {
  private readonly policy: Readonly<Record<string, string>>;

  constructor(
    @Inject(CONFIG) { oidcIssuer, oidcOrigins }: Config,
    @Inject(Logins) private readonly logins: Logins,
    @Inject(PersonSessions) private readonly sessions: PersonSessions,
    @Inject(IdentityProvider) private readonly provider: IdentityProvider,
    @Inject(PublicOrigin) private readonly place: PublicOrigin,
    @Inject(PagePaths) private readonly paths: PagePaths,
  ) {
    // Browsers hold the way on from a form to the same policy, and a logout goes on at the provider.
    const origins = [oidcIssuer, ...oidcOrigins].flatMap((url) => (url === undefined ? [] : [new URL(url).origin]));
    this.policy = makePagePolicy(["'self'", ...new Set(origins)].join(' '));
  }

  @Get()
  @RouteConfig({ refusals: 'page' })
  @Header('content-type', HTML)
  async show(@Req() request: GatewayRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.headers(this.policy);
    const person = await this.sessions.find(request);
    if (person === undefined) return writeStrangerPage(this.provider.isConfigured);
    return writePersonPage(person, await this.paths.list(person, request.id));
  }

  @Get('login')
  @RouteConfig({ refusals: 'page' })
  @HttpCode(302)
  async login(@Query('returnTo') returnTo: unknown, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    return redirect(reply, await this.logins.begin(returnTo));
  }

  @Get('callback')
  @RouteConfig({ refusals: 'page' })
  @HttpCode(302)
  async callback(@Req() request: GatewayRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    return redirect(reply, await this.logins.finish(request));
  }

  @Post('logout')
  @RouteConfig({ refusals: 'page', bodyBytesMax: FORM_BYTES_MAX })
  @HttpCode(303)
  async logout(@Req() request: GatewayRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    unwrap(judgeOrigin(request, this.place.origin, { isForm: true }));
    const form = new URLSearchParams(bodyOf(request).toString('utf8'));
    await this.sessions.end(request, form.get('everywhere') === '1');
    const here = `${this.place.address}/people`;
    const location = (await this.provider.findLogoutUrl(here)) ?? here;
    return redirect(reply, { location, cookies: [dropCookie('session', this.place.isSecure)] });
  }
}

function redirect(reply: FastifyReply, { location, cookies }: Redirection): string {
  void reply.headers({ location, 'referrer-policy': 'no-referrer' });
  for (const cookie of cookies) void reply.header('set-cookie', cookie);
  return '';
}
