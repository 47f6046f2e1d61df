import { Controller, Get, Inject, Param, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { keyHolderOf, signHeadOnly } from '../identity';
import { unwrap } from '../ingress';
import { EventStreams } from './event-streams.service';
import { readEventsQuery, readOutputsQuery } from './read-query';
import { TopicReads, type EventsView, type OutputsView, type TopicView } from './topic-reads.service';

const STREAM_MEDIA_TYPE = 'text/event-stream';

@Controller('v1/topics')
export class TopicsController {
  constructor(
    @Inject(TopicReads) private readonly reads: TopicReads,
    @Inject(EventStreams) private readonly streams: EventStreams,
  ) {}

  @Get()
  @RouteConfig({ people: true })
  async list(): Promise<{ topics: readonly TopicView[] }> {
    return { topics: await this.reads.list() };
  }

  @Get(':topic')
  @RouteConfig({ people: true })
  async find(@Param('topic') topic: string): Promise<TopicView> {
    return unwrap(await this.reads.find(topic));
  }

  @Get(':topic/outputs')
  @RouteConfig({ people: true })
  async listOutputs(@Param('topic') topic: string, @Query() query: unknown): Promise<OutputsView> {
    return unwrap(await this.reads.listOutputs(topic, unwrap(readOutputsQuery(query))));
  }

  /** A stream for those who say that they read streams, a page for everybody else: `AuthFetch` would wait for the end of a stream. */
  @Get(':topic/events')
  @RouteConfig({ people: true })
  async listEvents(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('topic') topic: string,
  ): Promise<EventsView | StreamableFile> {
    const query = unwrap(readEventsQuery(request.query, request.raw.rawHeaders));
    if (!acceptsStream(request)) return unwrap(await this.reads.listEvents(topic, query));
    const after = unwrap(await this.reads.findStart(topic, query.after));
    // The head of a stream is signed in a session, and the stream ends with it.
    const { organisation, sessionNonce } = keyHolderOf(request);
    const stream = unwrap(
      this.streams.open({ topic, organisation, sessionNonce, after, draining: request.server.draining }),
    );
    // Whatever becomes of the answer, nobody reads after its connection.
    reply.raw.once('close', () => stream.destroy());
    // Signed, so that nobody between can make a subscriber begin elsewhere than it asked, or take a page for a stream.
    void reply.header('x-bsv-event-stream', `${topic} ${after}`);
    // Proxies that would gather an answer before they pass it on are asked not to.
    void reply.header('x-accel-buffering', 'no');
    return new StreamableFile(signHeadOnly(stream), { type: `${STREAM_MEDIA_TYPE}; charset=utf-8` });
  }
}

function acceptsStream({ headers }: FastifyRequest): boolean {
  const types = (headers.accept ?? '').split(',', 16).map((type) => type.split(';', 1)[0]?.trim().toLowerCase());
  return types.includes(STREAM_MEDIA_TYPE);
}
