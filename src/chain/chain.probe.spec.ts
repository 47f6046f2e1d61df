import { createTestDatabase, plantBlock } from '#testkit';
import type { TestDatabase } from '#testkit';
import type { Config } from '../config';
import { ChainProbe } from './chain.probe';
import type { HeaderSyncRunner } from './header-sync.runner';

const HOUR = 3_600;

describe('ChainProbe', () => {
  let database: TestDatabase;
  const probe = (network: Config['network'], role: Config['role']): ChainProbe =>
    new ChainProbe(database.dataSource, { reports: [] } as unknown as HeaderSyncRunner, { network, role });
  const age = (seconds: number): Promise<unknown> =>
    database.owner.query(
      'update portcullis.block_header set received_at = clock_timestamp() - make_interval(secs => $1)',
      [seconds],
    );

  beforeAll(async () => {
    database = await createTestDatabase();
  }, 60_000);
  afterAll(() => database.drop());

  it('is not ready before a header is known', async () => {
    expect(await probe('mainnet', 'api').check()).toEqual({ ok: false, detail: 'no block header is known yet' });
  });

  it.each([
    ['mainnet', 'api', 1.9 * HOUR, true],
    ['mainnet', 'api', 2.1 * HOUR, false],
    ['mainnet', 'all', 2.1 * HOUR, false],
    ['testnet', 'all', 2.1 * HOUR, false],
    ['mainnet', 'relay', 2.1 * HOUR, true],
    ['devnet', 'all', 99 * HOUR, true],
  ] as const)('on %s in the role %s with a header stored %d s ago: ready is %s', async (network, role, seconds, ok) => {
    await plantBlock(database.owner, 7, 'ab'.repeat(32));
    await age(seconds);
    const report = await probe(network, role).check();
    expect(report.ok).toBe(ok);
    expect(report.detail.startsWith('the newest block header is older than 2 h: height 7, stored')).toBe(!ok);
  });
});
