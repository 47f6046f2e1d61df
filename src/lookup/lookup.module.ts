import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity';
import { TopicsModule } from '../topics';
import { LookupController } from './lookup.controller';
import { LookupService } from './lookup.service';

@Module({ imports: [IdentityModule, TopicsModule], controllers: [LookupController], providers: [LookupService] })
export class LookupModule {}
