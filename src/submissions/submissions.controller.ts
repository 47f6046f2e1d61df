import {
  Controller,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Req,
  Res,
  type BeforeApplicationShutdown,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { limits } from '#atomic-core';
import { callerOf } from '../identity';
import { RejectionError, unwrap } from '../ingress';
import { PaidByHandler, SATOSHIS_PAID_HEADER } from '../payments';
import { Metrics } from '../telemetry';
import { readSignable } from './read-request';
import { readWaitSeconds } from './read-preferences';
import { SubmissionReads } from './submission-reads.service';
import { SubmissionsService } from './submissions.service';
import type { SubmissionAnswer } from './transitions.service';
import { WaitingRoom } from './waiting-room';
import { writeReceipt } from './write-answer';

@Controller('v1/submissions')
export class SubmissionsController implements BeforeApplicationShutdown {
  private readonly stopping = new AbortController();
  private readonly room = new WaitingRoom(limits.WAITERS_MAX, limits.WAITERS_OF_ONE_MAX);

  constructor(
    @Inject(SubmissionsService) private readonly submissions: SubmissionsService,
    @Inject(SubmissionReads) private readonly reads: SubmissionReads,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  /** The receipt. With `Prefer: wait=N` its settlement is where the transaction stood when the wait ended; otherwise always `applied`. */
  @Post()
  @HttpCode(201)
  @PaidByHandler()
  async submit(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const waitSeconds = readWaitSeconds(unwrap(readSignable(request, 'prefer')));
    const { receipt } = await this.counted(request);
    const id = String(receipt['id']);
    const { organisation } = callerOf(request);
    const paid = (receipt['payment'] ?? receipt['draw'] ?? null) as { readonly satoshis: number } | null;
    if (paid !== null) void reply.header(SATOSHIS_PAID_HEADER, String(paid.satoshis));
    void reply.header('location', `/v1/submissions/${id}`);
    if (waitSeconds === 0) return writeReceipt(receipt);
    const wait = { ms: waitSeconds * 1_000, signal: this.patienceOf(reply) };
    const settlement = await this.room.enter(organisation, () => this.reads.waitForNetwork(organisation, id, wait));
    if (settlement === undefined) return writeReceipt(receipt);
    const granted = `wait=${waitSeconds}`;
    // Twice, because BRC-104 signs the second and `AuthFetch` shows its caller no other.
    void reply.header('preference-applied', granted).header('x-bsv-preference-applied', granted);
    return writeReceipt(receipt, settlement);
  }

  @Get(':idOrTxid')
  @RouteConfig({ people: true })
  async find(@Req() request: FastifyRequest, @Param('idOrTxid') idOrTxid: string): Promise<unknown> {
    return unwrap(await this.reads.describe(callerOf(request).organisation, idOrTxid));
  }

  @Get(':idOrTxid/beef')
  @RouteConfig({ people: true })
  async fetchBeef(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('idOrTxid') idOrTxid: string,
  ): Promise<Buffer> {
    const beef = unwrap(await this.reads.writeBeef(callerOf(request).organisation, idOrTxid));
    void reply.type('application/octet-stream');
    return beef;
  }

  beforeApplicationShutdown(): void {
    // Whoever waits for the network is answered now; the receipt was theirs all along.
    this.stopping.abort();
  }

  private async counted(request: FastifyRequest): Promise<SubmissionAnswer> {
    try {
      const answer = await this.submissions.submit(request);
      this.metrics.countSubmission(answer.kind);
      return answer;
    } catch (error) {
      this.metrics.countSubmission(error instanceof RejectionError ? error.rejection.code : 'internal-fault');
      throw error;
    }
  }

  /** Ends with the answer or with its connection; a listener on the socket itself would stay for as long as that is kept alive. */
  private patienceOf(reply: FastifyReply): AbortSignal {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    return AbortSignal.any([gone.signal, this.stopping.signal]);
  }
}
