interface Bucket {
  tokens: number;
  refilledAtMs: number;
}

/** Requests per second per key, in bounded memory. Local to this process: N replicas allow N times the rate. */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #ratePerSecond: number;
  readonly #burst: number;
  readonly #keysMax: number;

  constructor(ratePerSecond: number, keysMax: number, burst = ratePerSecond * 2) {
    this.#ratePerSecond = ratePerSecond;
    this.#burst = burst;
    this.#keysMax = keysMax;
  }

  /** Takes one token; the answer is how many seconds to wait, 0 when the token was there. */
  take(key: string, nowMs: number): number {
    const bucket = this.#refill(key, nowMs);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil((1 - bucket.tokens) / this.#ratePerSecond));
  }

  get size(): number {
    return this.#buckets.size;
  }

  #refill(key: string, nowMs: number): Bucket {
    const known = this.#buckets.get(key);
    // Re-inserting keeps the map in order of last use, so that the first key is the one to forget.
    if (known !== undefined) this.#buckets.delete(key);
    else this.#forgetOldest();
    const bucket = known ?? { tokens: this.#burst, refilledAtMs: nowMs };
    const elapsedSeconds = Math.max(0, nowMs - bucket.refilledAtMs) / 1_000;
    bucket.tokens = Math.min(this.#burst, bucket.tokens + elapsedSeconds * this.#ratePerSecond);
    bucket.refilledAtMs = nowMs;
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #forgetOldest(): void {
    if (this.#buckets.size < this.#keysMax) return;
    const oldest = this.#buckets.keys().next();
    if (oldest.done !== true) this.#buckets.delete(oldest.value);
  }
}

/** One IPv6 customer holds a /64; counting single addresses would give it 2^64 buckets. */
export function rateKeyOfAddress(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/iu.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [head = '', tail] = address.split('::', 2);
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return left.slice(0, 4).join(':');
  const right = tail === '' ? [] : tail.split(':');
  const groups = [...left, ...new Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return groups.slice(0, 4).join(':');
}
