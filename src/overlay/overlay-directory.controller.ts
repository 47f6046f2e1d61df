import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HostedTopics, type ServiceMetadata } from '../topics';
import { OverlayAccess } from './overlay-access';
import { OverlayRoute } from './overlay-route';

/** What `overlay-express` says of a name that it does not host. */
const NO_DOCUMENTATION = 'No documentation found!';

const THROUGH = { passthrough: true };

type Directory = Readonly<Record<string, ServiceMetadata>>;

/** What is hosted here, as far as the caller may use it. */
@Controller()
export class OverlayDirectoryController {
  constructor(
    @Inject(OverlayAccess) private readonly access: OverlayAccess,
    @Inject(HostedTopics) private readonly topics: HostedTopics,
  ) {}

  @Get('listTopicManagers')
  @OverlayRoute()
  listTopics(@Req() request: FastifyRequest): Promise<Directory> {
    return introduceAll(this.access.showOffered(request, this.topics.topicNames), (name) =>
      this.topics.findTopic(name),
    );
  }

  @Get('listLookupServiceProviders')
  @OverlayRoute()
  listLookups(@Req() request: FastifyRequest): Promise<Directory> {
    return introduceAll(this.access.showOffered(request, this.topics.lookupNames), (name) =>
      this.topics.findLookup(name),
    );
  }

  @Get('getDocumentationForTopicManager')
  @OverlayRoute()
  describeTopic(@Req() request: FastifyRequest, @Res(THROUGH) reply: FastifyReply): Promise<string> {
    return this.describe(request, reply, { parameter: 'manager', find: (name) => this.topics.findTopic(name) });
  }

  @Get('getDocumentationForLookupServiceProvider')
  @OverlayRoute()
  describeLookup(@Req() request: FastifyRequest, @Res(THROUGH) reply: FastifyReply): Promise<string> {
    return this.describe(request, reply, { parameter: 'lookupService', find: (name) => this.topics.findLookup(name) });
  }

  /** Closed and absent look alike to one without a name. */
  private async describe(request: FastifyRequest, reply: FastifyReply, { parameter, find }: Shelf): Promise<string> {
    const asked = (request.query as Readonly<Record<string, unknown>>)[parameter];
    const name = typeof asked === 'string' ? asked : '';
    this.access.admitBuyer(request, [name]);
    const found = find(name);
    void reply.type('text/markdown; charset=utf-8');
    return found.ok ? found.value.documentation() : NO_DOCUMENTATION;
  }
}

interface Shelf {
  readonly parameter: string;
  readonly find: (name: string) => Found;
}

type Found = ReturnType<HostedTopics['findTopic']> | ReturnType<HostedTopics['findLookup']>;

async function introduceAll(names: readonly string[], find: (name: string) => Found): Promise<Directory> {
  const entries = await Promise.all(
    names.map(async (name) => {
      const found = find(name);
      return found.ok ? [[name, await found.value.metadata()] as const] : [];
    }),
  );
  return Object.fromEntries(entries.flat());
}
