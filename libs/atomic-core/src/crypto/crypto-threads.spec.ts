import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { liveCrypto, listCryptoFaults } from './open-crypto';
import { testBackend } from './test-backend';

const register = join(__dirname, '..', '..', '..', '..', 'ops', 'build', 'register-typescript.cjs');
/** Opens every kind, says which work, and then computes without end, as a worker does that a hostile BEEF keeps busy. */
const code = `
  const { parentPort } = require('node:worker_threads');
  const { CRYPTO_KINDS, liveCrypto, listCryptoFaults, openCrypto } = require(${JSON.stringify(join(__dirname, 'open-crypto.ts'))});
  const { testBackend } = require(${JSON.stringify(join(__dirname, 'test-backend.ts'))});
  const live = liveCrypto();
  const faulty = listCryptoFaults().map(({ kind }) => kind);
  const opened = CRYPTO_KINDS.filter((kind) => !faulty.includes(kind)).map((kind) => openCrypto(kind));
  parentPort.postMessage({ live: live.kind, opened: opened.map(({ kind }) => kind) });
  const count = 1000;
  const nodes = new Uint8Array(32 * (count + 1));
  const triples = Uint32Array.from({ length: 3 * count }, (_, at) => Math.floor(at / 3) + (at % 3 === 1 ? 1 : 0));
  for (;;) for (const backend of opened) { testBackend(backend); backend.hashPairs(nodes, triples, count); }
`;

const start = (): { worker: Worker; opened: Promise<{ live: string; opened: string[] }> } => {
  const worker = new Worker(code, { eval: true, execArgv: ['--require', register] });
  return {
    worker,
    opened: new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    }),
  };
};

describe('crypto backends in worker threads', () => {
  it('open in several threads at once, survive their sudden end and open again', async () => {
    const live = liveCrypto().kind;
    const faulty = listCryptoFaults().length;
    for (let round = 0; round < 3; round++) {
      const started = Array.from({ length: 4 }, start);
      const answers = await Promise.all(started.map(({ opened }) => opened));
      // All four compute now; each is stopped in the middle of it.
      await Promise.all(started.map(({ worker }) => worker.terminate()));
      for (const answer of answers) {
        expect(answer.live).toBe(live);
        expect(answer.opened).toHaveLength(4 - faulty);
      }
      expect(() => testBackend(liveCrypto())).not.toThrow();
    }
  }, 120_000);
});
