import { randomBytes, randomUUID } from 'node:crypto';
import { setImmediate as yieldLoop } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { issueDocument, transferDocument, waitUntil, type DocumentToken } from '#testkit';
import { MetricsServer } from '../../src/telemetry';
import { SubmissionsRig, type Caller } from './submissions-rig';

/** From 16 unproven transactions on the table is asked. */
const TRANSFERS = 17;
/** The document itself, and the anchor that it spends. */
const ISSUED = 2;

/** Of one gateway: the sum of each counter, by name and label values. */
const countsOf = async (app: NestFastifyApplication): Promise<Record<string, number>> => {
  const { port } = app.get(MetricsServer);
  const text = await (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text();
  const lines = [...text.matchAll(/^portcullis_(script_\w+|verification_orders)_total(?:\{(.*?)\})? (\d+)/gmu)];
  return Object.fromEntries(
    lines.map(([, name = '', labels = '', value]) => {
      const values = [...labels.matchAll(/(?:where|path|op)="(\w+)"/gu)].map(([, label = '']) => label);
      return [[name, ...values].join(' '), Number(value)];
    }),
  );
};

describe('a transaction that the network refused, and whose scripts are remembered to hold', () => {
  jest.setTimeout(180_000);
  const identityKey = randomBytes(32).toString('hex');
  let rig: SubmissionsRig;
  let caller: Caller;
  let parent: DocumentToken;
  /** The last of many transfers, none of which was submitted. */
  let last: DocumentToken;

  beforeAll(async () => {
    // Free of charge: what is counted is the submission and no payment.
    rig = await SubmissionsRig.open({ identityKey, prices: [] });
    caller = await rig.openCaller();
    parent = await issueDocument(caller.wallet, {
      kind: 'invoice',
      documentId: 'INV-1',
      contentHash: randomBytes(32),
    });
    const refusal = { txid: parent.txid, status: 461, title: 'Malformed transaction' };
    await rig.order('faults', { on: 'submit', kind: 'answer', status: 461, times: 2, body: refusal });
    last = parent;
    for (let transfer = 0; transfer < TRANSFERS; transfer += 1) {
      last = await transferDocument(caller.wallet, last, 'self');
      // Signing blocks; a connection that was closed meanwhile is found out before it is used.
      await yieldLoop();
    }
  });
  afterAll(() => rig.close());

  /** As a new request, which no receipt answers. */
  const submit = async (to: Caller, { beef }: DocumentToken): Promise<unknown[]> => {
    const { status, json } = await to.submit(beef, {}, { 'x-bsv-idempotency-key': randomUUID() });
    return [status, json['code'], String(json['detail']).includes(parent.txid)];
  };
  const refused = [409, 'parent-retracted', true];

  it('is refused for what the network said, by the gateway that remembers and by one that reads it in the table', async () => {
    expect((await caller.submit(parent.beef)).status).toBe(201);
    await waitUntil('the network has refused it', async () => {
      const rows = await rig.database.owner.query<{ settlement: string }[]>(
        `select settlement from portcullis.transition`,
      );
      return rows.every(({ settlement }) => settlement === 'retracted');
    });

    // Resubmitted, and built upon: verified, and refused all the same.
    expect(await submit(caller, parent)).toEqual(refused);
    expect(await submit(caller, last)).toEqual(refused);
    const before = await countsOf(rig.app);
    expect(await submit(caller, last)).toEqual(refused);
    expect(await submit(caller, parent)).toEqual(refused);
    const after = await countsOf(rig.app);
    expect(after['script_verdict_hits memory']! - before['script_verdict_hits memory']!).toBe(
      TRANSFERS + ISSUED + ISSUED,
    );
    expect(after['verification_orders scripts']).toBe(before['verification_orders scripts']);
    expect(after['script_inputs fast']).toBe(before['script_inputs fast']);
  });

  it('is refused likewise after a restart: nothing in memory, everything in the table', async () => {
    await waitUntil('the verdicts are stored', async () => (await rig.count('script_verdict')) === TRANSFERS + ISSUED);
    const { app, url } = await rig.openReplica();
    try {
      const elsewhere = caller.at(url);
      expect(await submit(elsewhere, last)).toEqual(refused);
      expect(await submit(elsewhere, parent)).toEqual(refused);
      expect(await countsOf(app)).toMatchObject({
        'script_verdict_hits database': TRANSFERS + ISSUED,
        'script_verdict_hits memory': ISSUED,
      });
      expect(Object.keys(await countsOf(app))).not.toContain('verification_orders scripts');
      expect(await rig.count('transition')).toBe(1);
    } finally {
      await app.close();
    }
  });
});
