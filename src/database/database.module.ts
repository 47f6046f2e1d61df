import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIG } from '../config';
import { openDataSource } from './open-data-source';

/** The one DataSource of the process, injectable everywhere. The schema is migrated before the application is built. */
@Global()
@Module({
  providers: [{ provide: DataSource, inject: [CONFIG], useFactory: openDataSource }],
  exports: [DataSource],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}
