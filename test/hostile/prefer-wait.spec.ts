import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { issueDocument } from '#testkit';
import { SubmissionsRig } from '../contract/submissions-rig';

describe('a caller that waits again and again', () => {
  let rig: SubmissionsRig;
  beforeAll(async () => (rig = await SubmissionsRig.open()), 120_000);
  afterAll(() => rig.close(), 60_000);

  // A connection may carry 100,000 requests; whatever each of them left on it would stay as long as it.
  it('leaves nothing behind on its connection', async () => {
    const sockets = new Set<Socket>();
    rig.app.getHttpServer().on('request', ({ socket }: { socket: Socket }) => sockets.add(socket));
    const caller = await rig.openCaller();
    const token = await issueDocument(caller.wallet, {
      kind: 'order',
      documentId: 'W',
      contentHash: randomBytes(32),
    });
    for (let round = 0; round < 20; round += 1) {
      const answer = await caller.submit(token.beef, {}, { 'x-bsv-prefer': 'wait=20' });
      expect([answer.status, answer.headers.get('x-bsv-preference-applied')]).toEqual([201, 'wait=20']);
    }
    const listeners = [...sockets].map((socket) => socket.listenerCount('close'));
    expect(Math.max(...listeners)).toBeLessThan(10);
  }, 60_000);
});
