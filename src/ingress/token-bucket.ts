interface Bucket {
  tokens: number;
  refilledAtMs: number;
}

/** What other processes let pass of one key. */
export interface UseElsewhere {
  readonly perSecond: number;
  readonly processes: number;
}

/**
 * Requests per second per key, in bounded memory. Of this process alone, as long as nobody says what others let pass (`RateSharing`): then the budget is one
 * for all of them.
 */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #ratePerSecond: number;
  readonly #burst: number;
  readonly #keysMax: number;
  #taken = new Map<string, number>();
  #elsewhere: ReadonlyMap<string, UseElsewhere> = new Map();

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
      if (this.#taken.size < this.#keysMax) this.#taken.set(key, (this.#taken.get(key) ?? 0) + 1);
      return 0;
    }
    return Math.max(1, Math.ceil((1 - bucket.tokens) / this.#rateOf(key)));
  }

  /** Tokens taken since the last call, by the keys that took at least this share of what a key may take in a second. */
  drainTaken(share: number): ReadonlyMap<string, number> {
    const least = Math.max(1, share * this.#ratePerSecond);
    const taken = new Map([...this.#taken].filter(([, count]) => count >= least));
    this.#taken = new Map();
    return taken;
  }

  /** Replaces what is known of others. */
  hearOthers(elsewhere: ReadonlyMap<string, UseElsewhere>): void {
    this.#elsewhere = elsewhere;
  }

  /** What the others leave, and never less than an equal part: who is busy here must not be starved by those who are busier elsewhere. */
  #rateOf(key: string): number {
    const others = this.#elsewhere.get(key);
    if (others === undefined) return this.#ratePerSecond;
    return Math.max(this.#ratePerSecond - others.perSecond, this.#ratePerSecond / (others.processes + 1));
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
    const rate = this.#rateOf(key);
    // What may come at once shrinks with the rate.
    const burst = (this.#burst * rate) / this.#ratePerSecond;
    bucket.tokens = Math.min(burst, bucket.tokens + elapsedSeconds * rate);
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
