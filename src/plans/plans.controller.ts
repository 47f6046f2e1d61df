import { Controller, Get, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Result, accept, findPattern, reject } from '#atomic-core';
import { FOR_EVERYBODY, isForEverybody, planDefinition, planName } from '../config';
import { callerOf } from '../identity';
import { type GatewayAdapter, type GatewayRequest, bodyOf, mediaTypeOf, readJson, unwrap } from '../ingress';
import { Plans, type PlanPublication } from './plans.service';

/** A version that takes effect later than any other could follow would be the last of its name. */
const AHEAD_MS_MAX = 366 * 86_400_000;

const planBody = planDefinition.extend({ name: planName, from: z.iso.datetime({ offset: true }).optional() });

export interface PlanView {
  readonly name: string;
  readonly version: number;
  readonly effectiveFrom: string;
  readonly definition: unknown;
  readonly publishedBy: string | null;
  readonly auditLeaf: number | null;
}

@Controller('v1/plans')
export class PlansController {
  constructor(
    @Inject(Plans) private readonly plans: Plans,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost<GatewayAdapter>,
  ) {}

  @Get()
  @RouteConfig({ people: true })
  async list(@Req() request: GatewayRequest): Promise<{ plans: PlanView[] }> {
    const published = unwrap(await this.plans.list(callerOf(request)));
    const configured = this.plans.listConfigured().map(({ name, version, label, fromMs, ...definition }) => ({
      ...{ name, version, effectiveFrom: new Date(fromMs).toISOString(), definition },
      ...{ publishedBy: null, auditLeaf: null },
    }));
    const stored = published.map(({ name, version, effectiveFrom, definition, publishedBy, auditLeaf }) => ({
      ...{ name, version, effectiveFrom: effectiveFrom.toISOString(), definition, publishedBy, auditLeaf },
    }));
    return { plans: [...configured, ...stored] };
  }

  @Post()
  @HttpCode(201)
  @RouteConfig({ people: true })
  async publish(@Req() request: GatewayRequest): Promise<PlanView> {
    const caller = callerOf(request);
    const { name, from, definition } = unwrap(this.readPublication(request));
    const { version, effectiveFrom, auditLeaf } = unwrap(await this.plans.publish(caller, { name, from, definition }));
    return {
      ...{ name, version, effectiveFrom: effectiveFrom.toISOString(), definition },
      ...{ publishedBy: caller.identityKey, auditLeaf },
    };
  }

  /** A price that no route has would be a route given away for nothing, found out by nobody. */
  private readPublication(request: FastifyRequest): Result<PlanPublication> {
    if (mediaTypeOf(request) !== 'application/json') return reject('media-type-unsupported', 'application/json');
    const read = planBody.safeParse(unwrap(readJson(bodyOf(request))));
    if (!read.success) {
      const [issue] = read.error.issues;
      return reject('request-malformed', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
    }
    const { name, from, ...definition } = read.data;
    if (!isForEverybody(definition)) return reject('request-malformed', FOR_EVERYBODY);
    if (from !== undefined && Date.parse(from) > Date.now() + AHEAD_MS_MAX)
      return reject('request-malformed', 'from: a year ahead at most');
    const routes = this.host.httpAdapter.listRoutes();
    const lost = definition.routes.find(
      (row) => !routes.some(({ method, pattern }) => findPattern([row], method, pattern) !== undefined),
    );
    if (lost !== undefined) return reject('request-malformed', `There is no route ${lost.method} ${lost.path}.`);
    return accept({ name, from: from === undefined ? new Date(0) : new Date(from), definition });
  }
}
