import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { RejectionError } from '../ingress';
import { PaidByHandler } from '../payments';
import { Metrics } from '../telemetry';
import { OverlayRoute } from './overlay-route';
import { OverlaySubmissions, type OverlaySteak } from './overlay-submissions.service';

@Controller()
export class OverlaySubmissionsController {
  constructor(
    @Inject(OverlaySubmissions) private readonly submissions: OverlaySubmissions,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  /** The STEAK of the COMMIT: answered once it stands, while the network is still to hear of it. */
  @Post('submit')
  @HttpCode(200)
  @OverlayRoute()
  @PaidByHandler()
  async submit(@Req() request: FastifyRequest): Promise<OverlaySteak> {
    try {
      const { kind, steak } = await this.submissions.submit(request);
      this.metrics.countSubmission(kind);
      return steak;
    } catch (error) {
      this.metrics.countSubmission(error instanceof RejectionError ? error.rejection.code : 'internal-fault');
      throw error;
    }
  }
}
