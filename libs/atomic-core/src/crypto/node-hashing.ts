import { hash } from 'node:crypto';
import { sha256, sha256d } from '../bytes';
import { checkSpans, checkTriples } from './check-batch';
import type { CryptoBackend } from './crypto-backend';

type Hashing = Pick<CryptoBackend, 'sha256dSpans' | 'hashPairs' | 'hash160Spans'>;

/** OpenSSL through node:crypto's one-shot call, half the cost of createHash: the hashing of every kind that has none of its own. */
export const nodeHashing: Hashing = {
  sha256dSpans: (bytes, spans, count, out) => {
    checkSpans(bytes, spans, count, out.length - 32 * count);
    for (let row = 0; row < count; row++) {
      out.set(sha256d(bytes.subarray(spans[2 * row], spans[2 * row + 1])), 32 * row);
    }
  },
  hashPairs: (nodes, triples, count) => {
    checkTriples(nodes, triples, count);
    const pair = new Uint8Array(64);
    for (let row = 0; row < count; row++) {
      const left = 32 * (triples[3 * row] as number);
      const right = 32 * (triples[3 * row + 1] as number);
      for (let at = 0; at < 32; at++) {
        pair[at] = nodes[left + at] as number;
        pair[32 + at] = nodes[right + at] as number;
      }
      nodes.set(sha256d(pair), 32 * (triples[3 * row + 2] as number));
    }
  },
  hash160Spans: (bytes, spans, count, out) => {
    checkSpans(bytes, spans, count, out.length - 20 * count);
    for (let row = 0; row < count; row++) {
      const digest = sha256(bytes.subarray(spans[2 * row], spans[2 * row + 1]));
      out.set(hash('ripemd160', digest, 'buffer'), 20 * row);
    }
  },
};
