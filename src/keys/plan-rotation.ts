import type { RootKey } from '#ports';
import { unusable } from './key-store-error';
import { KEYS_MAX } from './ring-octets';

export interface Rotation {
  readonly root: Uint8Array;
  readonly nowMs: number;
  readonly startMs: number;
  /** How long what was made under the key before still counts after the start of the new one. */
  readonly overlapMs: number;
}

/**
 * The keys with a new one. Those that have ended stay in the store: what was paid to them can be spent with them alone. No older key outlasts the overlap; with
 * none, one that is only planned ends before it began, since who has to hurry may not know which of them was stolen.
 */
export const planRotation = (keys: readonly RootKey[], { root, nowMs, startMs, overlapMs }: Rotation): RootKey[] => {
  const [latest] = [...keys].sort((a, b) => b.fromMs - a.fromMs);
  if (latest === undefined) throw unusable('There is no key to rotate; `portcullis keys create` makes one.');
  if (latest.fromMs > nowMs && overlapMs > 0)
    throw unusable(`A rotation is planned already: it starts at ${new Date(latest.fromMs).toISOString()}.`);
  if (keys.length >= KEYS_MAX) throw unusable(`There are ${KEYS_MAX} keys already.`);
  // Two keys of one time would have no order, nor would one that is put before its time.
  const begun = keys.filter((key) => key.fromMs <= nowMs).map((key) => key.fromMs);
  const fromMs = Math.max(startMs, ...begun.map((ms) => ms + 2));
  const endMs = fromMs + overlapMs;
  const ended = keys.map((key) => ({
    ...key,
    fromMs: Math.min(key.fromMs, fromMs - 1),
    untilMs: Math.min(key.untilMs ?? endMs, endMs),
  }));
  return [...ended, { root, fromMs, untilMs: undefined }];
};
