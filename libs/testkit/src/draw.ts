/** A number from 0 to `below` - 1. */
export type Draw = (below: number) => number;

/** mulberry32: small, and the same everywhere. */
export const drawFrom = (seed: number): Draw => {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
};

export const pick = <T>(draw: Draw, items: readonly T[]): T => items[draw(items.length)] as T;
export const bytesOf = (...bytes: number[]): Buffer => Buffer.from(bytes);
export const drawBytes = (draw: Draw, length: number): Buffer => Buffer.from(Array.from({ length }, () => draw(256)));
