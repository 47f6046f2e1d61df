import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '#testkit';
import { createApplication } from '../../src/application';
import { ConfigError, parseSettings, resolveConfig } from '../../src/config';

type Role = 'all' | 'api' | 'relay';

describe('a price that no route has', () => {
  let database: TestDatabase;
  const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-prices-'));
  beforeAll(async () => {
    database = await createTestDatabase();
  }, 90_000);
  afterAll(async () => {
    await database.drop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const start = async (path: string, role: Role): Promise<void> => {
    const settings = parseSettings({
      dataDir,
      role,
      databaseUrl: database.url,
      devnetUrl: 'http://127.0.0.1:1',
      metricsPort: 0,
      verificationWorkers: 1,
      logLevel: 'silent',
      prices: [{ method: 'POST', path, satoshis: 7 }],
    });
    const app = await createApplication(resolveConfig(settings));
    try {
      await app.listen(0, '127.0.0.1');
    } finally {
      await app.close();
    }
  };

  it.each<Role>(['all', 'api'])('stops the start of the role %s with one sentence', async (role) => {
    const sentence = 'PORTCULLIS_PRICES names POST /v1/submission, and there is no such route.';
    await expect(start('/v1/submission', role)).rejects.toThrow(new ConfigError(sentence));
  });

  it('is nothing to a relay, which has no priced routes', async () => {
    await expect(start('/v1/submission', 'relay')).resolves.toBeUndefined();
  });

  it('lets a price through that a route has', async () => {
    await expect(start('/v1/submissions', 'api')).resolves.toBeUndefined();
  });
});
