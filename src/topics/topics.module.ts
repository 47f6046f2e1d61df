import { Module } from '@nestjs/common';
import { HostedTopics } from './hosted-topics';

@Module({ providers: [{ provide: HostedTopics, useFactory: () => new HostedTopics() }], exports: [HostedTopics] })
export class TopicsModule {}
