import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { useSetupLink } from '#ledger';
import { CONFIG, type Config } from '../config';
import { refuse } from '../ingress';
import { Log } from '../telemetry';
import { isFirstRun } from './is-first-run';
import { PersonSessions } from './person-sessions.service';
import { PublicOrigin } from './public-origin.service';
import { giveSetupLink, isSafeForSetup, type GivenSetupLink } from './setup-links';
import { hashToken, isToken } from './token';

/** The first person of a gateway in whose configuration there is nobody yet. */
@Injectable()
export class Setups {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(PersonSessions) private readonly sessions: PersonSessions,
    @Inject(PublicOrigin) private readonly place: PublicOrigin,
    @Inject(Log) private readonly log: Log,
  ) {}

  give(): Promise<GivenSetupLink> {
    return giveSetupLink(this.database, this.config, this.place.address);
  }

  get isOpen(): boolean {
    return isFirstRun(this.config) && isSafeForSetup(this.config, this.place.address);
  }

  /** The cookie of the owner, for exactly one of those who come with this link. */
  async use(request: FastifyRequest, token: string | undefined, organisation: string): Promise<string> {
    if (!this.isOpen || !isToken(token)) return refuse('setup-link-invalid');
    if (!(await useSetupLink(this.database, hashToken(token)))) return refuse('setup-link-invalid');
    const cookie = await this.sessions.openOwner(request, organisation);
    this.log.write('warn', 'the setup link was used', { organisation, requestId: request.id });
    return cookie;
  }
}
