import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../config';
import { RejectionError } from '../ingress';
import { PaidByHandler, writePaid } from '../payments';
import { Metrics } from '../telemetry';
import { OverlayRoute } from './overlay-route';
import { OverlaySubmissions, type OverlaySteak } from './overlay-submissions.service';

@Controller()
export class OverlaySubmissionsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(OverlaySubmissions) private readonly submissions: OverlaySubmissions,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  /** The STEAK of the COMMIT: answered once it stands, while the network is still to hear of it. */
  @Post('submit')
  @HttpCode(200)
  @OverlayRoute()
  @PaidByHandler()
  async submit(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<OverlaySteak> {
    try {
      const { kind, steak, paid } = await this.submissions.submit(request);
      this.metrics.countSubmission(kind);
      if (paid !== undefined) writePaid(reply, paid, this.config.network);
      return steak;
    } catch (error) {
      this.metrics.countSubmission(error instanceof RejectionError ? error.rejection.code : 'internal-fault');
      throw error;
    }
  }
}
