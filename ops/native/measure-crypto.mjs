// npm run bench:crypto: what each crypto backend that works here costs, side by side in one run, in microseconds an item. Best of several rounds, taken in
// turn, so that a busy neighbour harms all alike.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { build } from '../build/build.mjs';
import { top } from '../launch/prepare.mjs';

await build((line) => process.stderr.write(`portcullis: ${line}\n`));
const require = createRequire(import.meta.url);
const { CRYPTO_KINDS, openCrypto } = require(join(top, 'dist', 'libs', 'atomic-core', 'src', 'index.js'));
const { BigNumber, ECDSA, PrivateKey } = require('@bsv/sdk');

const SIGNATURES = 100;
const HASHES = 2_000;
const ROUNDS = 9;

const seeded = (name, length) => {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 32) {
    bytes.set(
      createHash('sha256')
        .update(`${name} ${at}`)
        .digest()
        .subarray(0, Math.min(32, length - at)),
      at,
    );
  }
  return bytes;
};

function signSome() {
  const digests = seeded('digest', 32 * SIGNATURES);
  const signatures = new Uint8Array(64 * SIGNATURES);
  const keyBytes = new Uint8Array(33 * SIGNATURES);
  for (let row = 0; row < SIGNATURES; row++) {
    const key = new PrivateKey(row + 1_000_003);
    const { r, s } = ECDSA.sign(new BigNumber([...digests.subarray(32 * row, 32 * row + 32)]), key, true);
    signatures.set([...r.toArray('be', 32), ...s.toArray('be', 32)], 64 * row);
    keyBytes.set(key.toPublicKey().encode(true), 33 * row);
  }
  const keySpans = Uint32Array.from({ length: 2 * SIGNATURES }, (_, at) => 33 * Math.ceil(at / 2));
  return { count: SIGNATURES, digests, signatures, keyBytes, keySpans, verdicts: new Uint8Array(SIGNATURES) };
}

const batch = signSome();
const singles = Array.from({ length: SIGNATURES }, (_, row) => ({
  count: 1,
  digests: batch.digests.subarray(32 * row),
  signatures: batch.signatures.subarray(64 * row),
  keyBytes: batch.keyBytes.subarray(33 * row, 33 * row + 33),
  keySpans: new Uint32Array([0, 33]),
  verdicts: batch.verdicts.subarray(row, row + 1),
}));
const arena = seeded('arena', 250 * HASHES);
const out = new Uint8Array(32 * HASHES);
const spansOf = (length) => Uint32Array.from({ length: 2 * HASHES }, (_, at) => length * Math.ceil(at / 2));
const nodes = seeded('nodes', 32 * (HASHES + 1));
const triples = Uint32Array.from({ length: 3 * HASHES }, (_, at) => Math.floor(at / 3) + (at % 3 === 1 ? 1 : 0));

const [spans32, spans33, spans64, spans192, spans250] = [32, 33, 64, 192, 250].map(spansOf);
const tasks = {
  'verify, one call each': [SIGNATURES, (crypto) => singles.forEach((each) => crypto.verifyBatch(each))],
  'verify, one batch': [SIGNATURES, (crypto) => crypto.verifyBatch(batch)],
  'sha256d of 32': [HASHES, (crypto) => crypto.sha256dSpans(arena, spans32, HASHES, out)],
  'sha256d of 64': [HASHES, (crypto) => crypto.sha256dSpans(arena, spans64, HASHES, out)],
  'sha256d of 192': [HASHES, (crypto) => crypto.sha256dSpans(arena, spans192, HASHES, out)],
  'sha256d of 250': [HASHES, (crypto) => crypto.sha256dSpans(arena, spans250, HASHES, out)],
  'sha256d of a pair': [HASHES, (crypto) => crypto.hashPairs(nodes, triples, HASHES)],
  'hash160 of 33': [HASHES, (crypto) => crypto.hash160Spans(arena, spans33, HASHES, out)],
};

const backends = CRYPTO_KINDS.flatMap((kind) => {
  try {
    return [openCrypto(kind)];
  } catch (error) {
    process.stdout.write(`${kind}: not here: ${error.message.split('\n', 1)[0]}\n`);
    return [];
  }
});

const table = {};
for (const [name, [count, task]] of Object.entries(tasks)) {
  const best = new Map(backends.map((backend) => [backend, Infinity]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const backend of backends) {
      const startedAt = performance.now();
      task(backend);
      best.set(backend, Math.min(best.get(backend), performance.now() - startedAt));
    }
  }
  table[name] = Object.fromEntries(
    [...best].map(([{ kind }, spentMs]) => [kind, Number(((spentMs * 1_000) / count).toPrecision(3))]),
  );
  if (name.startsWith('verify') && batch.verdicts.some((verdict) => verdict !== 1))
    throw new Error('a good signature was refused');
}
process.stdout.write(`${cpus()[0].model}, Node.js ${process.versions.node}, microseconds an item\n`);
for (const { kind, label } of backends) process.stdout.write(`${kind}: ${label}\n`);
console.table(table);
