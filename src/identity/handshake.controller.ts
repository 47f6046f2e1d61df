import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { listInitialResponseHeaders } from '#atomic-core';
import { type GatewayRequest, bodyOf } from '../ingress';
import { AUTH_MESSAGE_BYTES_MAX } from './handshake-limits';
import { HandshakeService } from './handshake.service';

/** Non-general messages of BRC-103. Every message gets an answer at once: the stock middleware leaves some hanging (defect A8). */
@Controller('.well-known')
export class HandshakeController {
  constructor(@Inject(HandshakeService) private readonly handshakes: HandshakeService) {}

  @Post('auth')
  @HttpCode(200)
  @RouteConfig({ bodyBytesMax: AUTH_MESSAGE_BYTES_MAX })
  async receive(@Req() request: GatewayRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const answer = await this.handshakes.receive(bodyOf(request), { address: request.ip, requestId: request.id });
    if ('messageType' in answer && answer.messageType === 'initialResponse')
      void reply.headers(listInitialResponseHeaders(answer));
    return answer;
  }
}
