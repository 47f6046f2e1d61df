import type { CryptoBackend } from '#atomic-core';
import { bareBackend, bareBinding } from './bare-curve';
import type { CurveBinding } from './curve-binding';
import { verifyOurs, verifySdk } from './engines';
import { race, ratioOf, type RaceSettings, type Ratio } from './race';
import { percent, printTable, round, spread, times, us } from './report';
import type { Fixture } from './shapes';

export interface CaseResult {
  readonly fixture: Fixture;
  readonly sdkUs: number;
  readonly oursUs: number;
  readonly ratio: Ratio;
  /** Microseconds of one signature by the package `secp256k1` and by the live backend's own loop. */
  readonly bindingUs: number;
  readonly backendUs: number;
  /** The bare library's time for the signatures over the time of the whole verification. */
  readonly bindingShare: number;
  readonly backendShare: number;
}

/** Ours, the SDK and the bare libraries over the same signatures, in turns. */
export const raceCase = async (
  fixture: Fixture,
  { curve, crypto }: { readonly curve: CurveBinding; readonly crypto: CryptoBackend },
  settings: RaceSettings,
): Promise<CaseResult> => {
  const { beef, signed } = fixture;
  const [ours, sdk, binding, backend] = await race(
    [
      { name: 'ours', run: () => verifyOurs(beef, crypto) },
      { name: 'sdk', run: () => verifySdk(beef) },
      bareBinding(curve, signed),
      bareBackend(crypto, signed),
    ],
    settings,
  );
  const shareOf = (bare: typeof ours): number => ratioOf(bare!, ours!).cpu * signed.length;
  return {
    fixture,
    sdkUs: sdk!.cpuUs,
    oursUs: ours!.cpuUs,
    ratio: ratioOf(sdk!, ours!),
    bindingUs: binding!.cpuUs,
    backendUs: backend!.cpuUs,
    bindingShare: shareOf(binding),
    backendShare: shareOf(backend),
  };
};

export const printCases = (results: readonly CaseResult[], kind: string): void =>
  printTable(
    `One thread, whole verification from bytes (CPU time, µs; backend ${kind})`,
    [
      'case',
      'bytes',
      'unproven',
      'sigs',
      'SDK',
      'ours',
      'ours/sig',
      'ratio',
      'rounds',
      'by wall',
      'secp256k1/sig',
      `${kind}/sig`,
      'of secp256k1',
      `of ${kind}`,
    ],
    results.map(({ fixture, ...row }) => [
      fixture.name,
      String(fixture.beef.length),
      String(fixture.unproven),
      String(fixture.signed.length),
      us(row.sdkUs),
      us(row.oursUs),
      us(row.oursUs / fixture.signed.length),
      times(row.ratio.cpu),
      spread(row.ratio),
      times(row.ratio.wall),
      us(row.bindingUs),
      us(row.backendUs),
      percent(row.bindingShare),
      percent(row.backendShare),
    ]),
  );

export const recordCases = (results: readonly CaseResult[]): object[] =>
  results.map(({ fixture, ...row }) => ({
    name: fixture.name,
    bytes: fixture.beef.length,
    unproven: fixture.unproven,
    bumps: fixture.bumps,
    signatures: fixture.signed.length,
    sdkUs: round(row.sdkUs),
    oursUs: round(row.oursUs),
    ratio: round(row.ratio.cpu),
    low: round(row.ratio.low),
    high: round(row.ratio.high),
    wallRatio: round(row.ratio.wall),
    bareBindingUs: round(row.bindingUs),
    bareBackendUs: round(row.backendUs),
    shareOfBinding: round(row.bindingShare, 3),
    shareOfBackend: round(row.backendShare, 3),
  }));
