import type { AddressInfo } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { CONFIG, type Config } from '../config';
import { findPublicAddress } from './find-public-address';

/** Where people reach this gateway: as it is configured, or the address that it listens on. Never what a request says in its Host. */
@Injectable()
export class PublicOrigin {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'publicUrl' | 'tlsCert' | 'host' | 'port'>,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  /** Without a slash at its end. */
  get address(): string {
    const { server } = this.host.httpAdapter.getInstance<FastifyInstance>();
    const { host, port } = this.config;
    return findPublicAddress(this.config, (server.address() as AddressInfo | null) ?? { address: host, port });
  }

  get origin(): string {
    return new URL(this.address).origin;
  }

  get isSecure(): boolean {
    return this.address.startsWith('https:');
  }
}
