import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { callerOf } from '../identity';
import { bodyOf, type GatewayRequest, mediaTypeOf, refuse, unwrap } from '../ingress';
import { ExplanationsService, type PolicyExplanation } from './explanations.service';
import { PolicyDecisions } from './policy-decisions.service';
import { readExplainQuestion } from './read-explain-question';

@Controller('v1/policies')
export class PoliciesController {
  constructor(
    @Inject(PolicyDecisions) private readonly decisions: PolicyDecisions,
    @Inject(ExplanationsService) private readonly explanations: ExplanationsService,
  ) {}

  /** A refusal that is explained is an answer; what is wrong with the question is a problem, as on every route. */
  @Post('explain')
  @RouteConfig({ people: true })
  @HttpCode(200)
  explain(@Req() request: GatewayRequest): Promise<PolicyExplanation> {
    if (mediaTypeOf(request) !== 'application/json') return refuse('media-type-unsupported', 'application/json');
    const question = unwrap(readExplainQuestion(bodyOf(request), this.decisions.engine.actions));
    return this.explanations.explain(callerOf(request), question);
  }
}
