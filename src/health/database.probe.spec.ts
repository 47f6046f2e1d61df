import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { Secret } from '../config';
import { migrateDatabase, openDataSource, startEmbeddedPostgres } from '../database';
import { DatabaseProbe } from './database.probe';
import { HealthModule } from './health.module';
import { HealthService } from './health.service';

describe('the readiness of a gateway whose database stops', () => {
  jest.setTimeout(60_000);
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'pc-'));
  });
  afterEach(() => {
    rmSync(dataDir, { recursive: true });
  });

  it('says that the database does not answer, and not where it is', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir });
    const config = { databaseUrl: new Secret(postgres.url), databaseMigrationUrl: undefined, databasePoolMax: 2 };
    await migrateDatabase(config);
    const pool = await openDataSource(config);
    @Module({ imports: [HealthModule], providers: [DatabaseProbe, { provide: DataSource, useValue: pool }] })
    class Gateway {}
    const context = await NestFactory.createApplicationContext(Gateway, { logger: false });
    try {
      const health = context.get(HealthService);
      expect(await health.readiness()).toMatchObject({ ready: true });
      await postgres.stop();
      // A later second: an answer stands for the rest of its own.
      const now = performance.now();
      jest.spyOn(performance, 'now').mockReturnValue(now + 2_000);
      expect(await health.readiness()).toEqual({
        ready: false,
        checks: { database: { ok: false, detail: 'The database does not answer.' } },
      });
    } finally {
      jest.restoreAllMocks();
      await context.close();
      await pool.destroy();
      await postgres.stop();
    }
  });
});
