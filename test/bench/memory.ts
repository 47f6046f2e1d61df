import type { CryptoBackend } from '#atomic-core';
import { readSdk, verifyOurs } from './engines';
import { announce, printTable, round } from './report';
import type { Fixture } from './shapes';

export interface Footprint {
  readonly name: string;
  readonly beefBytes: number;
  /** Bytes that stay while one verified BEEF is held, beyond the BEEF itself. */
  readonly oursBytes: number;
  readonly sdkBytes: number;
}

const COPIES = 100;

const measureHeld = (collect: () => void, make: () => unknown): number => {
  const held: unknown[] = [];
  const weigh = (): number => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  make();
  const before = weigh();
  for (let copy = 0; copy < COPIES; copy += 1) held.push(make());
  return Math.max(0, (weigh() - before) / held.length);
};

export const weighBeefs = (fixtures: readonly Fixture[], crypto: CryptoBackend): Footprint[] => {
  const collect = globalThis.gc;
  if (collect === undefined) {
    announce('memory per BEEF is not measured: Node runs without --expose-gc');
    return [];
  }
  return fixtures.map(({ name, beef }) => ({
    name,
    beefBytes: beef.length,
    oursBytes: measureHeld(collect, () => verifyOurs(beef, crypto)),
    sdkBytes: measureHeld(collect, () => readSdk(beef)),
  }));
};

const kib = (bytes: number): string => (bytes / 1024).toFixed(1);

export const printFootprints = (footprints: readonly Footprint[]): void =>
  printTable(
    'Memory held for one verified BEEF beside its own bytes (KiB)',
    ['case', 'BEEF', 'SDK', 'ours', 'bytes of ours for one of BEEF'],
    footprints.map(({ name, beefBytes, oursBytes, sdkBytes }) => [
      name,
      kib(beefBytes),
      kib(sdkBytes),
      kib(oursBytes),
      (oursBytes / beefBytes).toFixed(2),
    ]),
  );

export const recordFootprints = (footprints: readonly Footprint[]): object[] =>
  footprints.map(({ name, beefBytes, oursBytes, sdkBytes }) => ({
    name,
    beefBytes,
    oursBytes: round(oursBytes, 0),
    sdkBytes: round(sdkBytes, 0),
  }));
