import type { AddressInfo } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { CONFIG, type Config } from '../config';

/** Addresses to listen on, and not to go to. */
const EVERYWHERE = new Set(['0.0.0.0', '::']);

/** Where people reach this gateway: as it is configured, or the address that it listens on. Never what a request says in its Host. */
@Injectable()
export class PublicOrigin {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, 'publicUrl' | 'tlsCert'>,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
  ) {}

  /** Without a slash at its end. A path in front of the gateway is part of it. */
  get base(): string {
    const { publicUrl, tlsCert } = this.config;
    if (publicUrl !== undefined) return publicUrl;
    const { server } = this.host.httpAdapter.getInstance<FastifyInstance>();
    const address = server.address() as AddressInfo | null;
    const bound = address === null || EVERYWHERE.has(address.address) ? '127.0.0.1' : address.address;
    const host = bound.includes(':') ? `[${bound}]` : bound;
    return `${tlsCert === undefined ? 'http' : 'https'}://${host}:${String(address?.port ?? 0)}`;
  }

  get origin(): string {
    return new URL(this.base).origin;
  }

  get isSecure(): boolean {
    return this.base.startsWith('https:');
  }
}
