import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { type InitialResponse, listInitialResponseHeaders } from '#atomic-core';
import { type GatewayRequest, bodyOf } from '../ingress';
import { HANDSHAKE_BYTES_MAX } from './handshake-limits';
import { HandshakeService } from './handshake.service';

/** Non-general messages of BRC-103. Every message gets an answer at once: the stock middleware leaves some hanging (defect A8). */
@Controller('.well-known')
export class HandshakeController {
  constructor(@Inject(HandshakeService) private readonly handshakes: HandshakeService) {}

  @Post('auth')
  @HttpCode(200)
  @RouteConfig({ bodyBytesMax: HANDSHAKE_BYTES_MAX })
  async receive(
    @Req() request: GatewayRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InitialResponse> {
    const response = await this.handshakes.open(bodyOf(request), request.ip);
    void reply.headers(listInitialResponseHeaders(response));
    return response;
  }
}
