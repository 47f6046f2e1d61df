import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RouteConfig } from '@nestjs/platform-fastify';
import { limits, reject, rejections, type Rejection } from '#atomic-core';
import { callerOf } from '../identity';
import { unwrap } from '../ingress';
import { PaidByHandler, SATOSHIS_PAID_HEADER } from '../payments';
import { PolicyDecisions } from '../policies';
import { ApprovalsService } from './approvals.service';
import { ProposalSubmissions } from './proposal-submissions.service';
import { ProposingService } from './proposing.service';
import { approvalBody, proposalsQuery, readShape } from './read-proposal';
import { writeProposal, writeSubmission } from './write-proposal';

@Controller('v1/proposals')
export class ProposalsController {
  constructor(
    @Inject(ProposingService) private readonly proposing: ProposingService,
    @Inject(ApprovalsService) private readonly approvals: ApprovalsService,
    @Inject(ProposalSubmissions) private readonly submissions: ProposalSubmissions,
    @Inject(PolicyDecisions) private readonly policies: PolicyDecisions,
  ) {}

  @Post()
  @HttpCode(201)
  @RouteConfig({ bodyBytesMax: limits.PROPOSAL_BODY_BYTES_MAX })
  @PaidByHandler()
  async propose(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const { id, paid } = unwrap(await this.proposing.propose(request, this.policies.of(request)));
    if (paid !== undefined) void reply.header(SATOSHIS_PAID_HEADER, String(paid));
    void reply.header('location', `/v1/proposals/${id}`);
    return this.find(request, id);
  }

  @Get()
  async list(@Req() request: FastifyRequest, @Query() asked: unknown): Promise<unknown> {
    const query = proposalsQuery.safeParse(asked);
    if (!query.success) return unwrap(reject('query-malformed'));
    const { limit, before } = query.data;
    const caller = callerOf(request);
    const seen = await this.approvals.list(caller, { limit, before });
    const last = seen.length < limit ? undefined : seen.at(-1);
    return { proposals: seen.map((one) => writeProposal(one, caller)), next: last?.proposal.place ?? null };
  }

  @Get(':id')
  async find(@Req() request: FastifyRequest, @Param('id') id: string): Promise<unknown> {
    const caller = callerOf(request);
    return writeProposal(unwrap(await this.approvals.find(caller, id)), caller);
  }

  @Get(':id/beef')
  async fetchBeef(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<Buffer> {
    const beef = unwrap(await this.approvals.fetchBeef(callerOf(request), id));
    void reply.type('application/octet-stream');
    return beef;
  }

  @Delete(':id')
  async withdraw(@Req() request: FastifyRequest, @Param('id') id: string): Promise<unknown> {
    const caller = callerOf(request);
    return writeProposal(unwrap(await this.approvals.withdraw(caller, id)), caller);
  }

  /** The approval stands, whatever becomes of the submission that it may make possible: that can be asked for again. */
  @Post(':id/approvals')
  @HttpCode(201)
  async approve(@Req() request: FastifyRequest, @Param('id') id: string): Promise<unknown> {
    const caller = callerOf(request);
    const { signature, organisation } = unwrap(readShape(request, approvalBody));
    const asked = { id, signature: Buffer.from(signature, 'hex'), organisation };
    const { proposal } = unwrap(await this.approvals.approve(caller, asked));
    const submitted = await this.submissions.submit(proposal, caller.requestId);
    const refusal = submitted.ok ? null : writeRefusal(submitted.rejection);
    return { proposal: await this.find(request, id), refusal };
  }

  @Delete(':id/approvals/mine')
  async withdrawApproval(@Req() request: FastifyRequest, @Param('id') id: string): Promise<unknown> {
    const caller = callerOf(request);
    return writeProposal(unwrap(await this.approvals.withdrawApproval(caller, id)), caller);
  }

  /** By any of those who take part. The same proposal again gets the same receipt. */
  @Post(':id/submission')
  @HttpCode(201)
  async submit(@Req() request: FastifyRequest, @Param('id') id: string): Promise<unknown> {
    const caller = callerOf(request);
    const seen = unwrap(await this.approvals.find(caller, id));
    const { receipt } = unwrap(await this.submissions.submit(seen.proposal, caller.requestId));
    return writeSubmission(seen, receipt);
  }
}

const writeRefusal = ({ code, detail }: Rejection) => ({ code, detail, next: rejections[code].next });
