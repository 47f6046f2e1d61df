export { HostedTopics } from './hosted-topics';
export { TopicsModule } from './topics.module';
