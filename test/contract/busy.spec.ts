import { randomBytes } from 'node:crypto';
import { fsck } from '#ledger';
import { issueDocument } from '#testkit';
import { VerificationService } from '../../src/verification';
import { SubmissionsRig, type Answer, type Caller } from './submissions-rig';

/** Each document stands on the change of the one before, and @bsv/sdk takes twice as long to write each (its defect B2). */
const BURST = 8;

describe('a gateway whose verification queue is full', () => {
  let rig: SubmissionsRig;
  let issuer: Caller;
  let beefs: Uint8Array[];

  beforeAll(async () => {
    const prices = [{ method: 'POST', path: '/v1/submissions', satoshis: 0 }];
    rig = await SubmissionsRig.open({ verificationWorkers: 1, verificationQueueMax: 1, prices });
    issuer = await rig.openCaller();
    beefs = [];
    for (let n = 0; n < BURST; n += 1) {
      const contentHash = randomBytes(32);
      beefs.push((await issueDocument(issuer.wallet, { kind: 'order', documentId: `B-${n}`, contentHash })).beef);
    }
  }, 60_000);

  afterAll(() => rig.close());

  const submitAll = (): Promise<Answer[]> => Promise.all(beefs.map((beef) => issuer.submit(beef)));

  /** Keeps the one thread and the one place before it taken: a burst alone is verified faster than it comes in. */
  const whileBusy = async <T>(run: () => Promise<T>): Promise<T> => {
    const verification = rig.app.get(VerificationService);
    let running = true;
    const others = beefs.map(async (beef) => {
      while (running) await verification.verify(beef);
    });
    try {
      return await run();
    } finally {
      running = false;
      await Promise.all(others);
    }
  };

  it('answers 503 with a time to wait at once, and takes the same bytes later', async () => {
    const answers = await whileBusy(submitAll);
    const busy = answers.filter(({ status }) => status === 503);
    expect(busy.length).toBeGreaterThan(0);
    for (const { json } of busy) {
      expect(json).toMatchObject({ code: 'verification-busy', next: 'retry-same', retryAfterSeconds: 1 });
    }
    expect(answers.filter(({ status }) => status !== 503 && status !== 201)).toEqual([]);

    for (const beef of beefs) expect((await issuer.submit(beef)).status).toBe(201);
    expect(await rig.count('transition')).toBe(BURST);
    expect((await fsck(rig.database.dataSource)).filter(({ ok }) => !ok)).toEqual([]);
  }, 60_000);
});
