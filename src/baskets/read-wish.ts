import { accept, limits, readBasketName, readTags, reject, type Result } from '#atomic-core';
import { z } from 'zod';
import { tagQueryMode } from './read-listing';

/** What somebody wants held, and for how long. */
export interface Wish {
  readonly basket: string;
  readonly tags: readonly string[];
  readonly tagQueryMode: 'any' | 'all';
  readonly want: { readonly outputs: number } | { readonly satoshis: number } | { readonly quantity: number };
  readonly ttlMs: number;
}

const SECONDS_DEFAULT = 300;
const amount = z.int().min(1);
const ttlSeconds = amount.optional();

export const reservationBody = z.strictObject({
  basket: z.string(),
  tags: z.array(z.string()).max(limits.BASKET_TAGS_MAX).optional(),
  tagQueryMode: tagQueryMode.optional(),
  outputs: amount.max(limits.RESERVATION_OUTPUTS_MAX).optional(),
  satoshis: amount.optional(),
  quantity: amount.optional(),
  ttlSeconds,
});
export const stockBody = z.strictObject({ quantity: amount, ttlSeconds });
export const renewalBody = z.strictObject({ ttlSeconds });

export function readWish(asked: z.output<typeof reservationBody>, ttlMsMax: number): Result<Wish> {
  const basket = readBasketName(asked.basket);
  if (!basket.ok) return basket;
  const tags = readTags(asked.tags ?? []);
  if (!tags.ok) return tags;
  const want = readWant(asked);
  if (!want.ok) return want;
  const ttlMs = readTtl(asked.ttlSeconds, ttlMsMax);
  if (!ttlMs.ok) return ttlMs;
  const { tagQueryMode: mode = 'any' } = asked;
  return accept({ basket: basket.value, tags: tags.value, tagQueryMode: mode, want: want.value, ttlMs: ttlMs.value });
}

function readWant({ outputs, satoshis, quantity }: z.output<typeof reservationBody>): Result<Wish['want']> {
  const wants = [
    ...(outputs === undefined ? [] : [{ outputs }]),
    ...(satoshis === undefined ? [] : [{ satoshis }]),
    ...(quantity === undefined ? [] : [{ quantity }]),
  ];
  const [want] = wants;
  if (want === undefined || wants.length > 1)
    return reject('request-malformed', 'say one of outputs, satoshis and quantity');
  return accept(want);
}

/** Longer than this gateway holds anything is refused rather than cut: who reckons with an hour must not find out after a minute. */
export function readTtl(seconds: number | undefined, ttlMsMax: number): Result<number> {
  const ttlMs = seconds === undefined ? Math.min(SECONDS_DEFAULT * 1_000, ttlMsMax) : seconds * 1_000;
  if (ttlMs > ttlMsMax)
    return reject('request-malformed', `ttlSeconds is at most ${Math.floor(ttlMsMax / 1_000)}; renew in time`);
  return accept(ttlMs);
}
