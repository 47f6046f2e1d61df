import { Controller, Get, Inject, Param, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf, findOrganisation, signHeadOnly } from '../identity';
import { isUpgrade, unwrap } from '../ingress';
import { EventSockets } from './event-sockets.service';
import type { EventStream } from './event-stream';
import { EventStreams } from './event-streams.service';
import { readEventsQuery, readOutputsQuery } from './read-query';
import { StreamRights } from './stream-rights.service';
import { TopicReads, type EventsView, type OutputsView, type TopicView } from './topic-reads.service';
import { EVENT_MESSAGES, SERVER_SENT_EVENTS, type EventFormat } from './write-event';

const STREAM_MEDIA_TYPE = 'text/event-stream';

@Controller('v1/topics')
export class TopicsController {
  constructor(
    @Inject(TopicReads) private readonly reads: TopicReads,
    @Inject(EventStreams) private readonly streams: EventStreams,
    @Inject(EventSockets) private readonly sockets: EventSockets,
    @Inject(StreamRights) private readonly rights: StreamRights,
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

  /**
   * A WebSocket for those who ask for one, a stream for those who say that they read streams, a page for everybody else: `AuthFetch` would wait for the end of a
   * stream. Until here they are one request under the same rules.
   */
  @Get(':topic/events')
  @RouteConfig({ people: true, upgrade: 'websocket' })
  async listEvents(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('topic') topic: string,
  ): Promise<EventsView | StreamableFile | undefined> {
    const query = unwrap(readEventsQuery(request.query, request.raw.rawHeaders));
    if (isUpgrade(request)) {
      unwrap(this.sockets.judgeHandshake(request));
      await this.sockets.connect(request, reply, await this.open(request, reply, { topic, ...query }, EVENT_MESSAGES));
      return undefined;
    }
    if (!acceptsStream(request)) return unwrap(await this.reads.listEvents(topic, query));
    const stream = await this.open(request, reply, { topic, ...query }, SERVER_SENT_EVENTS);
    // Proxies that would gather an answer before they pass it on are asked not to.
    void reply.header('x-accel-buffering', 'no');
    return new StreamableFile(signHeadOnly(stream), { type: `${STREAM_MEDIA_TYPE}; charset=utf-8` });
  }

  private async open(
    request: FastifyRequest,
    reply: FastifyReply,
    { topic, after: asked }: { readonly topic: string; readonly after?: number | undefined },
    format: EventFormat,
  ): Promise<EventStream> {
    const after = unwrap(await this.reads.findStart(topic, asked));
    const organisation = findOrganisation(callerOf(request));
    const right = this.rights.take(request);
    const { draining } = request.server;
    const stream = unwrap(this.streams.open({ topic, organisation, right, after, draining, format }));
    // Whatever becomes of the answer, nobody reads after its connection.
    reply.raw.once('close', () => stream.destroy());
    if (reply.raw.destroyed) stream.destroy();
    // Signed, so that nobody between can make a subscriber begin elsewhere than it asked, or take a page for a stream.
    void reply.header('x-bsv-event-stream', `${topic} ${after}`);
    return stream;
  }
}

function acceptsStream({ headers }: FastifyRequest): boolean {
  const types = (headers.accept ?? '').split(',', 16).map((type) => type.split(';', 1)[0]?.trim().toLowerCase());
  return types.includes(STREAM_MEDIA_TYPE);
}
