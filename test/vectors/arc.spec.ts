import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { HttpClient, OutboundRequest } from '#ports';
import { createArcBroadcaster } from '../../src/broadcast/arc';

interface ArcVector {
  readonly id: string;
  readonly description: string;
  readonly input: {
    readonly method: string;
    readonly path: string;
    readonly headers: Record<string, string>;
    readonly body?: unknown;
  };
  readonly expected: { readonly status?: number; readonly body?: unknown };
}

const path = resolve(__dirname, '../../../shared/vectors/conformance/broadcast/arc-submit.json');
const present = existsSync(path);
if (!present) {
  if (process.env['CI'] === 'true') throw new Error('the conformance vectors are missing');
  console.warn('SKIPPED: ../shared/vectors/conformance/broadcast/arc-submit.json is not on this machine');
}
const vectors = present ? (JSON.parse(readFileSync(path, 'utf8')) as { vectors: ArcVector[] }).vectors : [];
const find = (number: number): ArcVector => {
  const vector = vectors.find(({ id }) => id === `broadcast.arcsubmit.${number}`);
  if (vector === undefined) throw new Error(`vector ${number} is missing`);
  return vector;
};

/** What the SDK calls success or failure, in our words. */
const submissions: readonly (readonly [number, string])[] = [
  [1, 'accepted'],
  [2, 'accepted'],
  [3, 'accepted'],
  [4, 'contested'],
  [5, 'refused'],
  [6, 'unknown'],
  [7, 'unknown'],
  [8, 'accepted'],
  [11, 'accepted'],
  [16, 'unknown'],
];

/** Not checked against the broadcaster, each with its reason. */
const exceptions: Readonly<Record<number, string>> = {
  9: 'batches are not sent: one transaction, one outbox row, one answer',
  10: 'batches are not sent: one transaction, one outbox row, one answer',
  14: 'a callback, which is the relay’s; its Merkle path is no BUMP (level 2 of 12 is cut off), so our answer is 200 and nothing moves (relay-callbacks.spec.ts)',
  15: 'names a set of statuses and no body; every one of them is "unknown" here (arc.broadcaster.spec.ts)',
};

const replay = (vector: ArcVector): { http: HttpClient; sent: OutboundRequest[] } => {
  const sent: OutboundRequest[] = [];
  const body = Buffer.from(JSON.stringify(vector.expected.body ?? null));
  return {
    sent,
    http: {
      send: async (request) => {
        sent.push(request);
        return { status: vector.expected.status ?? 0, headers: {}, body };
      },
    },
  };
};
const signal = new AbortController().signal;
const txidOf = (vector: ArcVector): string => (vector.expected.body as { txid?: string }).txid ?? 'ab'.repeat(32);

(present ? describe : describe.skip)('conformance broadcast/arc-submit', () => {
  it.each(submissions)('vector %d is %s', async (number, kind) => {
    const vector = find(number);
    const { http, sent } = replay(vector);
    const arc = createArcBroadcaster(http, {
      url: 'https://arc.example.com',
      apiKey: 'test-api-key-abc123',
      callback: { url: 'https://overlay.example.com/arc-ingest', token: 'callback-secret-token-xyz789' },
    });
    await expect(arc.broadcast(txidOf(vector), Uint8Array.of(1), signal)).resolves.toMatchObject({ kind });
    expect(new URL(sent[0]?.url ?? '').pathname).toBe(vector.input.path);
    // Header names and values of the vector are ours too, but for the body's encoding, the deployment id, and the key that vector 7 leaves out.
    for (const [name, value] of Object.entries(vector.input.headers)) {
      if (!/^(content-type|xdeployment-id)$/iu.test(name)) expect(sent[0]?.headers?.[name.toLowerCase()]).toBe(value);
    }
  });

  it('names the competitor of vector 4', async () => {
    const vector = find(4);
    const outcome = await createArcBroadcaster(replay(vector).http, { url: 'https://arc.example.com' }).broadcast(
      txidOf(vector),
      Uint8Array.of(1),
      signal,
    );
    expect(outcome).toMatchObject({ kind: 'contested', competingTxids: ['deadbeef'.repeat(8)] });
  });

  it('vectors 12 and 13: a status that is known and one that is absent', async () => {
    for (const [number, kind, absent] of [
      [12, 'accepted', false],
      [13, 'unknown', true],
    ] as const) {
      const vector = find(number);
      const { http, sent } = replay(vector);
      const txid = vector.input.path.slice('/v1/tx/'.length);
      const status = await createArcBroadcaster(http, { url: 'https://arc.example.com' }).fetchStatus(txid, signal);
      expect(status).toMatchObject({ outcome: { kind }, absent, bump: undefined });
      expect(sent[0]).toMatchObject({ method: 'GET', url: `https://arc.example.com${vector.input.path}` });
    }
  });

  it('covers or excuses every vector of the file', () => {
    const covered = new Set([...submissions.map(([number]) => number), 12, 13, ...Object.keys(exceptions).map(Number)]);
    expect(vectors.map(({ id }) => Number(id.split('.').at(-1))).filter((number) => !covered.has(number))).toEqual([]);
  });
});
