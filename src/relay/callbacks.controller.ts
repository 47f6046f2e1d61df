import { createHash, timingSafeEqual } from 'node:crypto';
import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { hastenOutbox } from '#ledger';
import { CONFIG } from '../config';
import type { Config } from '../config';
import { bodyOf, readJson, refuse, unwrap } from '../ingress';
import type { GatewayRequest } from '../ingress';
import { KeyRing } from '../keys';
import { Log, Metrics } from '../telemetry';
import { CALLBACK_BYTES_MAX, readCallback } from './read-callback';
import type { CallbackHint } from './read-callback';
import { settleProof } from './settle-proof';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Where a broadcaster reports. Everything it says is a hint: a BUMP that verifies against our own headers settles, anything else only makes the poll
 * come sooner. Repeats and any order are harmless, and nothing is ever created for a transaction that is not ours.
 */
@Controller('callbacks/arc')
export class CallbacksController {
  readonly #listTokens: () => readonly string[];

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(KeyRing) ring: KeyRing,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(Log) private readonly log: Log,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {
    const token = config.callbackToken?.reveal();
    this.#listTokens = () => (token === undefined ? ring.listCallbackTokens() : [token]);
  }

  @Post()
  @RouteConfig({ bodyBytesMax: CALLBACK_BYTES_MAX })
  @HttpCode(200)
  async receive(@Req() request: GatewayRequest): Promise<{ status: string; message: string }> {
    // Digests are of one length, so the comparison tells neither the token's length nor how much of it was right.
    const shown = digest(request.headers.authorization ?? '');
    const authorised = this.#listTokens().some((token) => timingSafeEqual(shown, digest(`Bearer ${token}`)));
    if (!authorised) return refuse('callback-unauthorised');
    for (const hint of unwrap(readCallback(unwrap(readJson(bodyOf(request)))))) await this.#take(hint);
    return { status: 'success', message: 'The callback was taken as a hint.' };
  }

  async #take({ txid, bump }: CallbackHint): Promise<void> {
    const context = { database: this.database, log: this.log, metrics: this.metrics };
    if (bump !== undefined && (await settleProof(context, txid, bump)) !== 'unproven') return;
    await hastenOutbox(this.database, txid);
  }
}
