import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config';
import { Log } from '../telemetry';
import { NotificationListener } from './notification-listener';
import { databaseUrlOf, openDataSource } from './open-data-source';

const createListener = (config: Config, log: Log): NotificationListener =>
  new NotificationListener(databaseUrlOf(config), (error) => {
    log.write('error', 'the connection that hears of COMMITs was lost', { error });
  });

/** The one DataSource of the process and its one listening connection, injectable everywhere. The schema is migrated before the application is built. */
@Global()
@Module({
  providers: [
    { provide: DataSource, inject: [CONFIG], useFactory: openDataSource },
    { provide: NotificationListener, inject: [CONFIG, Log], useFactory: createListener },
  ],
  exports: [DataSource, NotificationListener],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(NotificationListener) private readonly listener: NotificationListener,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.listener.close();
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}
