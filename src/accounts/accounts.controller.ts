import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { reject } from '#atomic-core';
import { callerOf } from '../identity';
import { type GatewayRequest, unwrap } from '../ingress';
import { Accounts, type AccountView } from './accounts.service';
import { type EntryView, writeEntry, writeStatement } from './write-statement';

const ENTRIES_MAX = 1_000;
const entriesQuery = z.strictObject({
  before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).default(Number.MAX_SAFE_INTEGER),
  limit: z.coerce.number().int().min(1).max(ENTRIES_MAX).default(100),
  format: z.enum(['json', 'csv']).default('json'),
});

@Controller('v1/accounts')
export class AccountsController {
  constructor(@Inject(Accounts) private readonly accounts: Accounts) {}

  @Get(':holder')
  @RouteConfig({ people: true })
  async look(@Req() request: GatewayRequest, @Param('holder') holder: string): Promise<AccountView> {
    return unwrap(await this.accounts.look(callerOf(request), holder));
  }

  /** Newest first. CSV where it is asked for, for a spreadsheet. */
  @Get(':holder/entries')
  @RouteConfig({ people: true })
  async list(
    @Req() request: GatewayRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('holder') holder: string,
    @Query() asked: unknown,
  ): Promise<string | { entries: EntryView[]; next: number | null }> {
    const read = entriesQuery.safeParse(asked);
    if (!read.success) return unwrap(reject('query-malformed', read.error.issues[0]?.message));
    const { before, limit, format } = read.data;
    const entries = unwrap(await this.accounts.list(callerOf(request), holder, { before, limit }));
    const next = entries.length < limit ? null : (entries.at(-1)?.seq ?? null);
    if (format === 'json') return { entries: entries.map(writeEntry), next };
    void reply.type('text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="statement.csv"');
    if (next !== null) void reply.header('link', `<?format=csv&limit=${limit}&before=${next}>; rel="next"`);
    return writeStatement(entries);
  }
}
