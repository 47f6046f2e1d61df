import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthModule } from './health.module';
import { type HealthProbe, type HealthReport, ReadinessProbe } from './health-probe';
import { HealthService } from './health.service';

let databaseIsUp = true;
let checks = 0;

@Injectable()
@ReadinessProbe()
class DatabaseProbe implements HealthProbe {
  readonly name = 'database';
  check(): Promise<HealthReport> {
    checks += 1;
    if (!databaseIsUp) return Promise.reject(new Error('connect ECONNREFUSED db.internal:5432'));
    return Promise.resolve({ ok: true, detail: 'answers' });
  }
}

@Injectable()
@ReadinessProbe()
class HangingProbe implements HealthProbe {
  static hangs = false;
  readonly name = 'chain';
  check(): Promise<HealthReport> {
    return HangingProbe.hangs ? new Promise(() => undefined) : Promise.resolve({ ok: true, detail: 'height 7' });
  }
}

@Module({ imports: [HealthModule], providers: [DatabaseProbe, HangingProbe] })
class TestModule {}

const start = async (): Promise<HealthService> => {
  const context = await NestFactory.createApplicationContext(TestModule, { logger: false });
  return context.get(HealthService);
};

describe('HealthService', () => {
  beforeEach(() => {
    databaseIsUp = true;
    HangingProbe.hangs = false;
    checks = 0;
  });

  it('finds the probes of any module and is ready when all are', async () => {
    const health = await start();
    expect(await health.readiness()).toEqual({
      ready: true,
      checks: { database: { ok: true, detail: 'answers' }, chain: { ok: true, detail: 'height 7' } },
    });
  });

  it('says which part is not, without the words of its error', async () => {
    databaseIsUp = false;
    const answer = await (await start()).readiness();
    expect(answer.ready).toBe(false);
    expect(answer.checks['database']).toEqual({ ok: false, detail: 'The check failed.' });
    expect(JSON.stringify(answer)).not.toContain('db.internal');
  });

  it('does not hang with a probe that does', async () => {
    HangingProbe.hangs = true;
    const answer = await (await start()).readiness();
    expect(answer.checks['chain']).toEqual({ ok: false, detail: 'The check did not answer in time.' });
  });

  it('asks the parts once for a flood of questions', async () => {
    const health = await start();
    await Promise.all(Array.from({ length: 100 }, () => health.readiness()));
    expect(checks).toBe(1);
  });

  it('is never ready again once it stops', async () => {
    const health = await start();
    health.markStopping();
    expect(await health.readiness()).toMatchObject({ ready: false, checks: { process: { ok: false } } });
  });
});
