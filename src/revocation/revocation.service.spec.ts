import type { HttpClient, OutboundAnswer, OutboundRequest } from '#ports';
import { createTestDatabase, waitUntil, type TestDatabase } from '#testkit';
import { ChainTrackerService } from '../chain';
import { parseSettings, resolveConfig } from '../config';
import { Log } from '../telemetry';
import { RevocationService } from './revocation.service';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
}, 90_000);
afterAll(() => database.drop());

/** Answers when it is let go: the output is there and nobody spent it. */
class SlowSource implements HttpClient {
  readonly asked: string[] = [];
  letGo = (): void => undefined;
  private readonly open = new Promise<void>((resolve) => (this.letGo = resolve));

  async send({ url }: OutboundRequest): Promise<OutboundAnswer> {
    this.asked.push(url);
    await this.open;
    const isOutput = url.endsWith('/hex');
    return { status: isOutput ? 200 : 404, headers: {}, body: Buffer.from(isOutput ? '51' : 'Not Found') };
  }
}

const open = (http: HttpClient): RevocationService => {
  const revocationSources = [{ kind: 'whatsonchain', url: 'https://woc.example' }];
  const config = resolveConfig(parseSettings({ identityKey: '11'.repeat(32), revocationSources }));
  const log = new Log({ level: 'silent' });
  return new RevocationService(config, http, database.dataSource, log, new ChainTrackerService(database.dataSource));
};
const question = (vout: number) => ({ txid: 'ab'.repeat(32), vout });

describe('whether certificates are revoked', () => {
  it('is asked once for all who want to know it at the same time, and again for who comes later', async () => {
    const http = new SlowSource();
    const revocations = open(http);
    const answers = [revocations.judge(question(0)), revocations.judge(question(0))];
    await waitUntil('the source is asked', () => http.asked.length === 1);
    http.letGo();
    expect(await Promise.all(answers)).toMatchObject([{ state: 'good' }, { state: 'good' }]);
    expect(http.asked).toHaveLength(2);
    expect(await revocations.judge(question(0))).toMatchObject({ state: 'good' });
    expect(http.asked).toHaveLength(4);
  });

  it('is asked of so many outputs at a time and no more: beyond that it is not known', async () => {
    const http = new SlowSource();
    const revocations = open(http);
    const answers = Array.from({ length: 33 }, (_, vout) => revocations.judge(question(vout)));
    expect(await answers[32]).toMatchObject({ state: 'unknown' });
    http.letGo();
    expect((await Promise.all(answers)).filter(({ state }) => state === 'good')).toHaveLength(32);
  });
});
