import type { AddressInfo } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { CONFIG, type Config } from '../config';
import { findBase } from './find-base';

/** Where people reach this gateway: as it is configured, or the address that it listens on. Never what a request says in its Host. */
@Injectable()
export class PublicOrigin {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'publicUrl' | 'tlsCert' | 'host' | 'port'>,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  /** Without a slash at its end. A path in front of the gateway is part of it. */
  get base(): string {
    const { server } = this.host.httpAdapter.getInstance<FastifyInstance>();
    const { host: address, port } = this.config;
    return findBase(this.config, (server.address() as AddressInfo | null) ?? { address, port });
  }

  get origin(): string {
    return new URL(this.base).origin;
  }

  get isSecure(): boolean {
    return this.base.startsWith('https:');
  }
}
