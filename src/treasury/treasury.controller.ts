import { Controller, Get, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { type Result, accept, reject } from '#atomic-core';
import { callerOf, keyHolderOf } from '../identity';
import { bodyOf, mediaTypeOf, readJson, unwrap } from '../ingress';
import { digestRequest } from '../payments';
import { readIdempotencyKey, readSignable } from '../submissions';
import { type SweepBody, sweepBody } from './read-sweep';
import { type SweepAnswer, Sweeps } from './sweeps.service';
import { Treasury, type TreasuryReport } from './treasury.service';

@Controller('v1/treasury')
export class TreasuryController {
  constructor(
    @Inject(Treasury) private readonly treasury: Treasury,
    @Inject(Sweeps) private readonly sweeps: Sweeps,
  ) {}

  @Get()
  @RouteConfig({ people: true })
  async report(@Req() request: FastifyRequest): Promise<TreasuryReport> {
    return unwrap(await this.treasury.report(callerOf(request)));
  }

  /** By a key alone: a session in a browser that was left open moves no money. */
  @Post('sweeps')
  @HttpCode(201)
  async sweep(@Req() request: FastifyRequest): Promise<SweepAnswer> {
    const caller = keyHolderOf(request);
    unwrap(this.treasury.admit(caller));
    const body = unwrap(readSweep(request));
    const key = unwrap(readIdempotencyKey(unwrap(readSignable(request, 'idempotency-key'))));
    return unwrap(await this.sweeps.sweep(caller, { body, key, requestDigest: digestRequest(request) }));
  }
}

const readSweep = (request: FastifyRequest): Result<SweepBody> => {
  if (mediaTypeOf(request) !== 'application/json') return reject('media-type-unsupported', 'application/json');
  const json = readJson(bodyOf(request));
  if (!json.ok) return json;
  const read = sweepBody.safeParse(json.value);
  if (read.success) return accept(read.data);
  const [issue] = read.error.issues;
  return reject('request-malformed', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
};
