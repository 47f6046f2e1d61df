import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { limits } from '#atomic-core';
import { callerOf } from '../identity';
import { bodyOf, mediaTypeOf, refuse, unwrap } from '../ingress';
import { BulkPayments, PaidByHandler, SATOSHIS_PAID_HEADER } from '../payments';
import { PolicyDecisions } from '../policies';
import { Metrics, withSpan } from '../telemetry';
import { BatchStop } from './batch-stop';
import { BatchesService } from './batches.service';
import { BATCH_MEDIA_TYPE, listLines } from './read-batch';
import { WaitingRoom } from './waiting-room';
import { writeBatchAnswer } from './write-batch-answer';

@Controller('v1/submissions/batch')
export class BatchesController {
  private readonly room = new WaitingRoom(limits.BATCHES_MAX, limits.BATCHES_OF_ONE_MAX);

  constructor(
    @Inject(BatchesService) private readonly batches: BatchesService,
    @Inject(PolicyDecisions) private readonly policies: PolicyDecisions,
    @Inject(BulkPayments) private readonly payments: BulkPayments,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  /** Every line has its own verdict; the batch itself is refused only for what concerns all of it. */
  @Post()
  @HttpCode(200)
  @PaidByHandler()
  @RouteConfig({ bulkLinesMax: limits.BATCH_SUBMISSIONS_MAX })
  async submit(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    if (mediaTypeOf(request) !== BATCH_MEDIA_TYPE) refuse('media-type-unsupported', BATCH_MEDIA_TYPE);
    const lines = unwrap(listLines(bodyOf(request)));
    const { organisation } = callerOf(request);
    return (await this.room.enter(organisation, () => this.judge(request, reply, lines))) ?? refuse('bulk-busy');
  }

  private async judge(request: FastifyRequest, reply: FastifyReply, lines: readonly Buffer[]): Promise<unknown> {
    const paid = unwrap(await withSpan('payment', {}, () => this.payments.take(request, lines.length)));
    if (paid !== undefined) void reply.header(SATOSHIS_PAID_HEADER, String(paid));
    const stop = new BatchStop(reply, request.server.draining);
    try {
      const verdicts = await this.batches.judge(
        { caller: callerOf(request), policies: this.policies.of(request) },
        lines,
        stop,
      );
      for (const verdict of verdicts) {
        this.metrics.countSubmission(verdict.kind === 'refused' ? verdict.rejection.code : verdict.kind);
      }
      return writeBatchAnswer(verdicts, request.id);
    } finally {
      stop.release();
    }
  }
}
