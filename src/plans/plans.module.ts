import { Module } from '@nestjs/common';
import { Plans } from './plans.service';
import { PlansController } from './plans.controller';

/** What customers pay, version by version. */
@Module({ controllers: [PlansController], providers: [Plans], exports: [Plans] })
export class PlansModule {}
