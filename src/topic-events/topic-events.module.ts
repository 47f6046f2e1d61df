import { Module } from '@nestjs/common';
import { KeysModule } from '../keys';
import { PoliciesModule } from '../policies';
import { TopicsModule } from '../topics';
import { EventSockets } from './event-sockets.service';
import { EventStreams } from './event-streams.service';
import { StreamRights } from './stream-rights.service';
import { TopicReads } from './topic-reads.service';
import { TopicsController } from './topics.controller';
import { WebhookRunner } from './webhook.runner';
import { WebhooksController } from './webhooks.controller';
import { Webhooks } from './webhooks.service';

/** The state of topics and subscriptions to it. For the roles api and all. */
@Module({
  imports: [KeysModule, PoliciesModule, TopicsModule],
  controllers: [TopicsController, WebhooksController],
  providers: [TopicReads, EventStreams, EventSockets, StreamRights, Webhooks],
})
export class TopicEventsModule {}

/** Tells webhooks. For the roles relay and all. */
@Module({ imports: [KeysModule], providers: [WebhookRunner] })
export class WebhookDeliveryModule {}
