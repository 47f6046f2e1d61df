import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { bodyOf, mediaTypeOf, readJson, refuse, unwrap } from '../ingress';
import { readQuestion } from './lookup-answer';
import { LookupService } from './lookup.service';
import { writeAnswer, type WrittenAnswer } from './write-answer';

@Controller('v1')
export class LookupController {
  constructor(@Inject(LookupService) private readonly lookups: LookupService) {}

  @Post('lookup')
  @RouteConfig({ people: true })
  @HttpCode(200)
  async lookup(@Req() request: FastifyRequest): Promise<WrittenAnswer> {
    if (mediaTypeOf(request) !== 'application/json') refuse('media-type-unsupported', 'application/json');
    const question = unwrap(readQuestion(unwrap(readJson(bodyOf(request)))));
    return writeAnswer(unwrap(await this.lookups.answer(question)));
  }
}
