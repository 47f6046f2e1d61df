import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../identity';
import { bodyOf, mediaTypeOf, readJson, refuse, unwrap } from '../ingress';
import { Webhooks, type WebhookView } from './webhooks.service';

@Controller('v1/topics/:topic/webhooks')
export class WebhooksController {
  constructor(@Inject(Webhooks) private readonly webhooks: Webhooks) {}

  @Post()
  @RouteConfig({ people: true })
  @HttpCode(201)
  async open(
    @Req() request: FastifyRequest,
    @Param('topic') topic: string,
  ): Promise<WebhookView & { readonly secret: string }> {
    if (mediaTypeOf(request) !== 'application/json') refuse('media-type-unsupported', 'application/json');
    const body = unwrap(readJson(bodyOf(request)));
    return unwrap(await this.webhooks.open(callerOf(request).organisation, topic, body));
  }

  @Get()
  @RouteConfig({ people: true })
  async list(
    @Req() request: FastifyRequest,
    @Param('topic') topic: string,
  ): Promise<{ readonly webhooks: readonly WebhookView[] }> {
    return { webhooks: unwrap(await this.webhooks.list(callerOf(request).organisation, topic)) };
  }

  @Get(':id')
  @RouteConfig({ people: true })
  async find(
    @Req() request: FastifyRequest,
    @Param('topic') topic: string,
    @Param('id') id: string,
  ): Promise<WebhookView> {
    return unwrap(await this.webhooks.find({ organisation: callerOf(request).organisation, topic, id }));
  }

  @Delete(':id')
  @RouteConfig({ people: true })
  async close(
    @Req() request: FastifyRequest,
    @Param('topic') topic: string,
    @Param('id') id: string,
  ): Promise<WebhookView> {
    return unwrap(await this.webhooks.close({ organisation: callerOf(request).organisation, topic, id }));
  }

  @Post(':id/enable')
  @RouteConfig({ people: true })
  @HttpCode(200)
  async enable(
    @Req() request: FastifyRequest,
    @Param('topic') topic: string,
    @Param('id') id: string,
  ): Promise<WebhookView> {
    return unwrap(await this.webhooks.enable({ organisation: callerOf(request).organisation, topic, id }));
  }
}
