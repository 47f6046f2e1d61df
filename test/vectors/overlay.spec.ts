import type { DevWallet } from '#testkit';
import { OverlayRig, makeAdvertisement } from '../contract/overlay-rig';
import { describeVectors } from './shared-vectors';

interface Vector {
  readonly id: string;
  readonly description: string;
  readonly input: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body_hex?: string;
    readonly body?: unknown;
  };
  readonly expected: { readonly status: number; readonly body: Readonly<Record<string, unknown>> };
}
interface Vectors {
  readonly vectors: readonly Vector[];
}
type Judge = (vector: Vector, rig: OverlayRig, wallet: DevWallet) => Promise<void>;

const numberOf = ({ id }: Vector): number => Number(id.split('.').at(-1));

const sendAsIs = ({ input }: Vector, rig: OverlayRig, body = Buffer.from(input.body_hex ?? '', 'hex')) =>
  rig.send(input.path, {
    method: input.method,
    headers: input.headers,
    ...(input.method === 'POST' ? { body: input.body === undefined ? body : JSON.stringify(input.body) } : {}),
  });

const judgeAsIs: Judge = async (vector, rig) => {
  const { status, json } = await sendAsIs(vector, rig);
  const { message_type: messageType, ...body } = vector.expected.body;
  expect([status, json]).toEqual([vector.expected.status, expect.objectContaining(body)]);
  if (messageType !== undefined) expect(typeof json['message']).toBe(messageType);
};

/**
 * The BEEFs of the vectors are none (no BUMP, inputs that spend nothing, outputs that no topic admits), so one that keeps the promise of the description
 * is sent in its place, under the headers and in the frame of the vector. What `coinstakeOutputsToRetain` stands for is `coinsToRetain` in the SDK's type
 * and in `overlay-express` itself.
 */
const judgeAdmittance =
  (frame = (beef: Uint8Array): Buffer<ArrayBuffer> => Buffer.from(beef)): Judge =>
  async (vector, rig, wallet) => {
    const { beef } = await makeAdvertisement(wallet, 'SHIP', 'tm_vector');
    const { status, json } = await sendAsIs(vector, rig, frame(beef));
    expect([status, Object.keys(json)]).toEqual([vector.expected.status, Object.keys(vector.expected.body)]);
    expect(json['tm_ship']).toEqual({ outputsToAdmit: [0], coinsToRetain: [], coinsRemoved: [] });
  };

const OFF_CHAIN = /^04deadbeef/u;
const submitJudges: Readonly<Record<number, Judge>> = {
  1: judgeAdmittance(),
  2: judgeAdmittance(),
  3: async (vector, rig, wallet) => {
    const slap = await makeAdvertisement(wallet, 'SLAP', 'ls_vector');
    const { status, json } = await sendAsIs(vector, rig, Buffer.from(slap.beef));
    expect([status, json]).toEqual([200, { tm_ship: { outputsToAdmit: [], coinsToRetain: [], coinsRemoved: [] } }]);
  },
  4: judgeAsIs,
  5: judgeAsIs,
  6: judgeAsIs,
  7: judgeAsIs,
  8: async (vector, rig, wallet) => {
    expect(vector.input.body_hex).toMatch(OFF_CHAIN);
    await judgeAdmittance((beef) => Buffer.concat([Buffer.from('04deadbeef', 'hex'), beef]))(vector, rig, wallet);
  },
  9: judgeAsIs,
  11: judgeAsIs,
  12: judgeAsIs,
};
const submitExceptions: Readonly<Record<number, string>> = {
  10: 'retains a coin in one transaction without inputs that any topic has; retention is proven with a hosted topic that retains',
};

const NO_ADMIN =
  'there is no administration over HTTP: eviction is `portcullis topic evict`, on the audit; hosts are not banned';
const healthJudges: Readonly<Record<number, Judge>> = {
  1: async (vector, rig) => {
    const { status, json } = await sendAsIs(vector, rig);
    const { service, ...body } = vector.expected.body;
    expect([status, json]).toEqual([200, expect.objectContaining(body)]);
    // Its name, its chain and what it hosts are the gateway's own; the members are those of the vector.
    expect(Object.keys(json['service'] as object)).toEqual(expect.arrayContaining(Object.keys(service as object)));
    expect(json['service']).toMatchObject({ topicManagerCount: 4, lookupServiceCount: 4 });
    expect(json['checks']).toContainEqual(expect.objectContaining({ name: 'database', status: 'ok' }));
  },
  3: judgeAsIs,
  4: judgeAsIs,
};
const healthExceptions: Readonly<Record<number, string>> = {
  2: 'a gateway whose database is gone: src/health/database.probe.spec.ts and crash suites make one; the shape is that of vector 1',
  5: NO_ADMIN,
  6: NO_ADMIN,
  7: NO_ADMIN,
  8: NO_ADMIN,
  9: NO_ADMIN,
  10: NO_ADMIN,
  11: NO_ADMIN,
  12: NO_ADMIN,
  13: NO_ADMIN,
  14: NO_ADMIN,
  15: NO_ADMIN,
  16: NO_ADMIN,
  17: 'callbacks come to /callbacks/arc with the token that the broadcaster was given; without one nobody is believed, not even as a hint (decision 0033)',
  18: 'as vector 17',
};

const suites = [
  ['conformance/overlay/submit.json', submitJudges, submitExceptions],
  ['conformance/overlay/topic-management.json', healthJudges, healthExceptions],
] as const;

for (const [path, judges, exceptions] of suites) {
  describeVectors<Vectors>(`the overlay routes and ${path}`, path, ({ vectors }) => {
    let rig: OverlayRig;
    let wallet: DevWallet;
    beforeAll(async () => {
      rig = await OverlayRig.open();
      ({ wallet } = await rig.gateway.openCaller());
    }, 120_000);
    afterAll(() => rig.close(), 60_000);

    it.each(vectors.map((vector) => [vector.id, vector.description, vector] as const))(
      '%s: %s',
      async (_id, _text, vector) => {
        const number = numberOf(vector);
        const judge = judges[number];
        // Every vector is judged or named with the reason why not; a new one fails here.
        expect(judge === undefined).toBe(exceptions[number] !== undefined);
        await judge?.(vector, rig, wallet);
      },
    );
  });
}
