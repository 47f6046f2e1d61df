import { Module } from '@nestjs/common';
import { AuditModule } from '../audit';
import { SingleCommits } from './single-commits.service';
import { Transitions } from './transitions.service';

/** From a verified transaction to its COMMIT, without the routes: for those that apply what did not come over HTTP. */
@Module({ imports: [AuditModule], providers: [SingleCommits, Transitions], exports: [Transitions] })
export class TransitionsModule {}
