import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { sha256d } from '../bytes';
import { openSdkCurveKeys } from './sdk-curve-keys';
import {
  CRYPTO_KINDS,
  THREAD_CRYPTO_KINDS,
  chooseThreadCrypto,
  listCryptoFaults,
  liveCrypto,
  openCrypto,
} from './open-crypto';
import { testBackend } from './test-backend';

const register = join(__dirname, '..', '..', '..', '..', 'ops', 'build', 'register-typescript.cjs');
/** Opens every kind that a thread may use, says which work, and then computes without end, as a worker does that a hostile BEEF keeps busy. */
const code = `
  const { parentPort } = require('node:worker_threads');
  const { THREAD_CRYPTO_KINDS, liveCrypto, listCryptoFaults, openCrypto, useThreadCrypto } = require(${JSON.stringify(join(__dirname, 'open-crypto.ts'))});
  const { testBackend } = require(${JSON.stringify(join(__dirname, 'test-backend.ts'))});
  useThreadCrypto();
  const live = liveCrypto();
  const faulty = listCryptoFaults().map(({ kind }) => kind);
  const opened = THREAD_CRYPTO_KINDS.filter((kind) => !faulty.includes(kind)).map((kind) => openCrypto(kind));
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
    const { backend, faults } = chooseThreadCrypto();
    for (let round = 0; round < 3; round++) {
      const started = Array.from({ length: 4 }, start);
      const answers = await Promise.all(started.map(({ opened }) => opened));
      // All four compute now; each is stopped in the middle of it.
      await Promise.all(started.map(({ worker }) => worker.terminate()));
      for (const answer of answers) {
        expect(answer.live).toBe(backend.kind);
        expect(answer.opened).toEqual(THREAD_CRYPTO_KINDS.slice(faults.length));
      }
      expect(() => testBackend(liveCrypto())).not.toThrow();
    }
  }, 120_000);

  // Two in a thousand of such ends took the whole process with them, in its C++: "terminate called after throwing an instance of 'Napi::Error'".
  it('are never the prebuilt binding where a thread may be ended', () => {
    expect(THREAD_CRYPTO_KINDS).toEqual(['metal', 'wasm', 'sdk']);
  });

  it('computes over memory that threads share', () => {
    const share = (from: Uint8Array): Uint8Array => {
      const copy = new Uint8Array(new SharedArrayBuffer(from.length));
      copy.set(from);
      return copy;
    };
    const curve = openSdkCurveKeys();
    const secret = new Uint8Array(32).fill(9);
    const digests = share(new Uint8Array(64).fill(3, 0, 32));
    const signature = curve.sign(digests.subarray(0, 32), secret);
    const signatures = share(Uint8Array.from([...signature, ...signature]));
    const keyBytes = share(curve.publicKeyOf(secret));
    const keySpans = new Uint32Array(new SharedArrayBuffer(16));
    keySpans.set([0, 33, 0, 33]);
    const faulty = listCryptoFaults().map(({ kind }) => kind);
    for (const kind of CRYPTO_KINDS.filter((each) => !faulty.includes(each))) {
      const verdicts = share(new Uint8Array(2).fill(7));
      const digest = share(new Uint8Array(32));
      const crypto = openCrypto(kind);
      crypto.verifyBatch({ count: 2, digests, signatures, keyBytes, keySpans, verdicts });
      crypto.sha256dSpans(digests, new Uint32Array([0, 64]), 1, digest);
      expect([kind, ...verdicts]).toEqual([kind, 1, 0]);
      expect(Buffer.from(digest)).toEqual(sha256d(digests));
    }
  });
});
