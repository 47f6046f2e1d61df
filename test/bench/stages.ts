import { MerklePath, Transaction } from '@bsv/sdk';
import { verifyBump, writeExtendedFormat, type CryptoBackend, type TransactionOutput } from '#atomic-core';
import { readOurs, readSdk, verifyOurs, verifySdk } from './engines';
import { race, ratioOf, type RaceSettings, type Ratio, type Timing } from './race';
import { printTable, round, spread, times, us } from './report';
import type { Fixture } from './shapes';

/** One part of the way, timed alone. */
export interface Stage {
  readonly name: string;
  readonly oursUs: number;
  readonly sdkUs: number;
  readonly ratio: Ratio;
}

const toStage = (name: string, [ours, sdk]: readonly Timing[]): Stage => ({
  name,
  oursUs: ours!.cpuUs,
  sdkUs: sdk!.cpuUs,
  ratio: ratioOf(sdk!, ours!),
});

const openOurs = (fixture: Fixture, crypto: CryptoBackend) => {
  const verified = verifyOurs(fixture.beef, crypto);
  if (!verified.ok) throw new Error(`${fixture.name} was refused.`);
  return verified.value;
};

export const raceParse = async (
  { name, beef }: Fixture,
  crypto: CryptoBackend,
  settings: RaceSettings,
): Promise<Stage> =>
  toStage(
    `parse + ids + roots, ${name}`,
    await race(
      [
        { name: 'ours', run: () => readOurs(beef, crypto) },
        { name: 'sdk', run: () => readSdk(beef) },
      ],
      settings,
    ),
  );

export const raceKnown = async (
  { name, beef }: Fixture,
  crypto: CryptoBackend,
  settings: RaceSettings,
): Promise<Stage> =>
  toStage(
    `everything known, ${name}`,
    await race(
      [
        { name: 'ours', run: () => verifyOurs(beef, crypto, true) },
        { name: 'sdk', run: () => verifySdk(beef) },
      ],
      settings,
    ),
  );

export const raceBump = async (fixture: Fixture, crypto: CryptoBackend, settings: RaceSettings): Promise<Stage> => {
  const proven = openOurs(fixture, crypto).transactions[0]!;
  const { txid, bump } = proven;
  const { root, bytes } = bump!;
  if (MerklePath.fromBinary([...bytes]).computeRoot(txid) !== root) throw new Error('The SDK finds another root.');
  const path = [...bytes];
  return toStage(
    'one BUMP of 11 levels',
    await race(
      [
        { name: 'ours', run: () => verifyBump(bytes, txid) },
        { name: 'sdk', run: () => MerklePath.fromBinary(path).computeRoot(txid) },
      ],
      settings,
    ),
  );
};

/** Both write from a transaction that is read already, as a relay does; the bytes are compared first. */
export const raceExtendedFormat = async (
  fixture: Fixture,
  crypto: CryptoBackend,
  settings: RaceSettings,
): Promise<Stage> => {
  const { subject, transactions } = openOurs(fixture, crypto);
  const byTxid = new Map(transactions.map((transaction) => [transaction.txid, transaction]));
  const parents: TransactionOutput[] = subject.inputs.map(
    ({ parentTxid, parentVout }) => byTxid.get(parentTxid)!.outputs[parentVout]!,
  );
  const sdk = Transaction.fromBEEF(fixture.beef);
  if (!Buffer.from(writeExtendedFormat(subject, parents)).equals(sdk.toEFUint8Array()))
    throw new Error('The SDK writes another Extended Format.');
  return toStage(
    `Extended Format, ${fixture.name}`,
    await race(
      [
        { name: 'ours', run: () => writeExtendedFormat(subject, parents) },
        { name: 'sdk', run: () => sdk.toEFUint8Array() },
      ],
      settings,
    ),
  );
};

export const printStages = (stages: readonly Stage[]): void =>
  printTable(
    'Parts of the way (CPU time, µs)',
    ['part', 'SDK', 'ours', 'ratio', 'rounds', 'by wall'],
    stages.map(({ name, sdkUs, oursUs, ratio }) => [
      name,
      us(sdkUs),
      us(oursUs),
      times(ratio.cpu),
      spread(ratio),
      times(ratio.wall),
    ]),
  );

export const recordStages = (stages: readonly Stage[]): object[] =>
  stages.map(({ name, sdkUs, oursUs, ratio }) => ({
    name,
    sdkUs: round(sdkUs),
    oursUs: round(oursUs),
    ratio: round(ratio.cpu),
    low: round(ratio.low),
    high: round(ratio.high),
    wallRatio: round(ratio.wall),
  }));
