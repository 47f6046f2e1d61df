import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrivateKey } from '@bsv/sdk';
import { fsck, listTopicEvents, retractTransition } from '#ledger';
import { waitUntil } from '#testkit';
import type { GatewayRig } from '../contract/gateway-rig';
import { commitStep, openTopicsGateway } from '../contract/topic-events-rig';

/** Merge size; `npm run test:subscriber:full` kills 100 times over 10,000 transitions. */
const KILLS = Number(process.env['SUBSCRIBER_KILLS'] ?? 20);
const TRANSITIONS = Number(process.env['SUBSCRIBER_TRANSITIONS'] ?? 1_000);
const ROUND = Math.ceil(TRANSITIONS / KILLS);
const COMMITTERS = 4;
const TOPICS = ['tm_documents', 'tm_ship'] as const;
/** Every so many transitions one is taken back again. */
const RETRACT_EACH = 25;

jest.setTimeout(60_000 + KILLS * 20_000);

let rig: GatewayRig;
let folder: string;
let child: ChildProcess | undefined;
const key = PrivateKey.fromRandom().toHex();

beforeAll(async () => {
  rig = await openTopicsGateway({ settings: { overlayDiscovery: 'host' } });
  folder = mkdtempSync(join(tmpdir(), 'portcullis-subscriber-'));
}, 90_000);
afterAll(async () => {
  child?.kill('SIGKILL');
  await rig.stop();
  rmSync(folder, { recursive: true, force: true });
});

const journalOf = (topic: string): string => join(folder, topic);
/** Whole lines, as the subscriber itself would read them. */
const seen = (topic: string): string[] =>
  existsSync(journalOf(topic)) ? readFileSync(journalOf(topic), 'utf8').split('\n').slice(0, -1) : [];
const countSeen = (): number => TOPICS.reduce((sum, topic) => sum + seen(topic).length, 0);

/** Started, and connected to every topic. */
const startSubscriber = async (): Promise<ChildProcess> => {
  const script = join(__dirname, 'subscriber-child.cjs');
  const started = spawn(process.execPath, [script, rig.origin, key, ...TOPICS.map(journalOf)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = started;
  let said = '';
  started.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await waitUntil(
    'the subscriber is connected',
    () => TOPICS.every((topic) => said.includes(`connected ${topic}\n`)),
    60_000,
  );
  return started;
};

let begun = 0;
/** Commits so many transitions, some of which are taken back; `onEach` is told after each. */
const commitRound = async (count: number, onEach: () => void): Promise<void> => {
  let left = count;
  const commitSome = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const number = begun++;
      const subject = await commitStep(rig.pool, { topic: TOPICS[number % TOPICS.length] ?? TOPICS[0] });
      if (number % RETRACT_EACH === 0) await retractTransition(rig.pool, subject.txid, 'double spent');
      onEach();
    }
  };
  await Promise.all(Array.from({ length: COMMITTERS }, commitSome));
};

describe(`a subscriber that is killed and resumed ${KILLS} times while ${TRANSITIONS} transitions commit`, () => {
  it('sees each exactly once, in order per topic', async () => {
    let killedAmid = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const subscriber = await startSubscriber();
      const before = countSeen();
      const amid = Math.floor(Math.random() * ROUND);
      let committed = 0;
      let reached = (): void => undefined;
      const atMoment = new Promise<void>((resolve) => (reached = resolve));
      const commits = commitRound(ROUND, () => {
        committed += 1;
        if (committed > amid) reached();
      });
      await atMoment;
      await waitUntil('the subscriber has seen something of this round', () => countSeen() > before);
      if (committed < ROUND) killedAmid += 1;
      subscriber.kill('SIGKILL');
      await once(subscriber, 'exit');
      await commits;
    }
    const last = await startSubscriber();
    const events = await Promise.all(
      TOPICS.map(async (topic) => {
        const all = [];
        for (let after = -1; ;) {
          const page = await listTopicEvents(rig.pool, { topic, after, limit: 1_000 });
          if (page.length === 0) return all;
          all.push(...page);
          after = page.at(-1)?.position ?? after;
        }
      }),
    );
    const total = events.flat();
    await waitUntil('all are seen', () => countSeen() >= total.length, 120_000);
    last.kill('SIGKILL');
    await once(last, 'exit');
    for (const [place, topic] of TOPICS.entries()) {
      expect(seen(topic)).toEqual(events[place]?.map(({ position, kind, txid }) => `${position} ${kind} ${txid}`));
    }
    const kinds = (kind: string): number => total.filter((event) => event.kind === kind).length;
    expect([kinds('applied'), kinds('retracted')]).toEqual([ROUND * KILLS, Math.ceil((ROUND * KILLS) / RETRACT_EACH)]);
    // Else the kills would have hit a subscriber that had nothing to do.
    expect(killedAmid).toBeGreaterThan(KILLS / 2);
    expect((await fsck(rig.pool)).filter(({ ok }) => !ok)).toEqual([]);
    process.stdout.write(
      `${KILLS} kills, ${killedAmid} of them amid commits; ${total.length} events of ${TOPICS.length} topics, each seen once and in order\n`,
    );
  });
});
