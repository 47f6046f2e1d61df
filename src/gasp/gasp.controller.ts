import type { GASPInitialResponse, GASPNode } from '@bsv/gasp';
import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { findSingleHeader, isTopicName } from '#atomic-core';
import { bodyOf, mediaTypeOf, readJson, refuse, unwrap } from '../ingress';
import { OverlayAccess, OverlayRoute } from '../overlay';
import { HostedTopics } from '../topics';
import { GaspHost } from './gasp-host.service';
import { readListQuestion, readNodeQuestion } from './read-gasp-request';

/** A question of a few names. */
const QUESTION_BYTES_MAX = 4_096;

/** GASP as `overlay-express` speaks it: other hosts read what a topic holds, and with which history. */
@Controller()
export class GaspController {
  constructor(
    @Inject(GaspHost) private readonly host: GaspHost,
    @Inject(OverlayAccess) private readonly access: OverlayAccess,
    @Inject(HostedTopics) private readonly topics: HostedTopics,
  ) {}

  @Post('requestSyncResponse')
  @HttpCode(200)
  @OverlayRoute({ bodyBytesMax: QUESTION_BYTES_MAX })
  async list(@Req() request: FastifyRequest): Promise<GASPInitialResponse> {
    const topic = findSingleHeader(request.raw.rawHeaders, 'x-bsv-topic');
    if (topic === null) return refuse('header-duplicated', 'x-bsv-topic');
    if (topic === undefined || !isTopicName(topic)) return refuse('topics-malformed', 'x-bsv-topic names one topic');
    this.access.admit(request, [topic]);
    unwrap(this.topics.listTopics([topic]));
    return this.host.list(topic, unwrap(readListQuestion(readBody(request))));
  }

  @Post('requestForeignGASPNode')
  @HttpCode(200)
  @OverlayRoute({ bodyBytesMax: QUESTION_BYTES_MAX })
  async find(@Req() request: FastifyRequest): Promise<GASPNode> {
    const question = unwrap(readNodeQuestion(readBody(request)));
    // This request names no topic: whoever may see one that holds the output may see its graph. To all others it is as if there were none.
    const shown = this.access.show(request, await this.host.findTopics(question));
    if (shown.length === 0) return refuse('output-unknown');
    return unwrap(await this.host.findNode(question));
  }
}

function readBody(request: FastifyRequest): unknown {
  if (mediaTypeOf(request) !== 'application/json') return refuse('media-type-unsupported', 'application/json');
  return unwrap(readJson(bodyOf(request)));
}
