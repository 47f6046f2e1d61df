import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Transaction } from '@bsv/sdk';
import type { CryptoBackend } from '#atomic-core';
import { sdkAccepts, verifyOurs, verifySdk } from './engines';
import { race, ratioOf, type RaceSettings, type Ratio } from './race';
import { announce, printTable, round, spread, times, us } from './report';

const VECTORS = join(__dirname, '../../../shared/vectors');

export interface RealSetResult {
  readonly name: string;
  readonly beefs: number;
  readonly bytes: number;
  readonly sdkUs: number;
  readonly oursUs: number;
  readonly ratio: Ratio;
}

interface RealSet {
  readonly name: string;
  readonly beefs: readonly Uint8Array[];
}

const readVectors = (path: string): unknown => {
  const file = join(VECTORS, path);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  announce(`the shared vectors ${path} are not here: the mixed real set is measured without them`);
  return undefined;
};

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

const readBeefs = (): Uint8Array[] => {
  const published = readVectors('beef/public-beefs.json') as { beefs: { hex: string }[] } | undefined;
  const block = readVectors('block/mainnet-948351.json') as { transactions: { beef: string }[] } | undefined;
  const hexes = [
    ...(published?.beefs.map(({ hex }) => hex) ?? []),
    ...(block?.transactions.map(({ beef }) => beef) ?? []),
  ];
  return hexes.map(bytesOf);
};

/** Of what strangers made, only what both accept is a fair race: a refusal is as cheap as the first rule that fails. */
const listRealSets = async (crypto: CryptoBackend): Promise<RealSet[]> => {
  const proven: Uint8Array[] = [];
  const unproven: Uint8Array[] = [];
  for (const beef of readBeefs()) {
    if (!verifyOurs(beef, crypto).ok || !(await sdkAccepts(beef))) continue;
    (Transaction.fromBEEF(beef).merklePath === undefined ? unproven : proven).push(beef);
  }
  return [
    { name: 'real, all', beefs: [...proven, ...unproven] },
    { name: 'real, scripts to run', beefs: unproven },
    { name: 'real, proven (parse + roots)', beefs: proven },
  ].filter(({ beefs }) => beefs.length > 0);
};

export const raceRealSets = async (crypto: CryptoBackend, settings: RaceSettings): Promise<RealSetResult[]> => {
  const results: RealSetResult[] = [];
  for (const { name, beefs } of await listRealSets(crypto)) {
    const [ours, sdk] = await race(
      [
        { name: 'ours', perCall: beefs.length, run: () => beefs.forEach((beef) => verifyOurs(beef, crypto)) },
        {
          name: 'sdk',
          perCall: beefs.length,
          run: async () => {
            for (const beef of beefs) await verifySdk(beef);
          },
        },
      ],
      settings,
    );
    const bytes = beefs.reduce((sum, beef) => sum + beef.length, 0);
    const ratio = ratioOf(sdk!, ours!);
    results.push({ name, beefs: beefs.length, bytes, sdkUs: sdk!.cpuUs, oursUs: ours!.cpuUs, ratio });
  }
  return results;
};

export const printRealSets = (results: readonly RealSetResult[]): void =>
  printTable(
    'Mixed real set: public BEEFs and mainnet transactions that both accept (CPU µs for one BEEF)',
    ['set', 'BEEFs', 'bytes', 'SDK', 'ours', 'ratio', 'rounds', 'by wall'],
    results.map(({ name, beefs, bytes, sdkUs, oursUs, ratio }) => [
      name,
      String(beefs),
      String(bytes),
      us(sdkUs),
      us(oursUs),
      times(ratio.cpu),
      spread(ratio),
      times(ratio.wall),
    ]),
  );

export const recordRealSets = (results: readonly RealSetResult[]): object[] =>
  results.map(({ name, beefs, bytes, sdkUs, oursUs, ratio }) => ({
    name,
    beefs,
    bytes,
    sdkUs: round(sdkUs),
    oursUs: round(oursUs),
    ratio: round(ratio.cpu),
    wallRatio: round(ratio.wall),
  }));
