export { TopicEventsModule, WebhookDeliveryModule } from './topic-events.module';
