import { openCrypto, type CryptoBackend, type CryptoKind } from '#atomic-core';
import { bareBackend } from './bare-curve';
import { verifyOurs } from './engines';
import { race, type Contender, type RaceSettings } from './race';
import { announce, percent, printTable, round, us } from './report';
import type { Fixture } from './shapes';

const kinds: readonly CryptoKind[] = ['metal', 'native', 'wasm', 'sdk'];
const HASHES = 256;
const WARM_UP_MS = 1_500;
const HASHED_BYTES = [64, 192, 250] as const;

export interface BackendResult {
  readonly kind: CryptoKind;
  readonly label: string;
  /** By the name of the contender: microseconds of CPU per item. */
  readonly us: Readonly<Record<string, number>>;
  readonly share: number;
}

/** A kind that this machine lacks is named, never passed over. */
export const listBackends = (): CryptoBackend[] =>
  kinds.flatMap((kind) => {
    try {
      return [openCrypto(kind)];
    } catch (error) {
      announce(`backend ${kind} is not here: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });

const tile = (bytes: number): Uint32Array =>
  Uint32Array.from({ length: HASHES * 2 }, (_, index) => ((index >> 1) + (index & 1)) * bytes);

const hashContenders = (crypto: CryptoBackend): Contender[] => {
  const bytes = new Uint8Array(HASHES * 250).fill(0x5a);
  const out = new Uint8Array(HASHES * 32);
  const keys = tile(33);
  const nodes = new Uint8Array((HASHES * 2 + HASHES) * 32).fill(0xa5);
  const triples = Uint32Array.from({ length: HASHES * 3 }, (_, index) =>
    index % 3 === 2 ? HASHES * 2 + (index - 2) / 3 : Math.floor(index / 3) * 2 + (index % 3),
  );
  return [
    ...HASHED_BYTES.map((length) => {
      const spans = tile(length);
      const run = (): void => crypto.sha256dSpans(bytes, spans, HASHES, out);
      return { name: `sha256d ${String(length)} B`, perCall: HASHES, run };
    }),
    { name: 'hash160', perCall: HASHES, run: () => crypto.hash160Spans(bytes, keys, HASHES, out) },
    { name: 'hashPairs', perCall: HASHES, run: () => crypto.hashPairs(nodes, triples, HASHES) },
  ];
};

export const raceBackends = async (
  fixture: Fixture,
  backends: readonly CryptoBackend[],
  settings: RaceSettings,
): Promise<BackendResult[]> => {
  const results: BackendResult[] = [];
  for (const crypto of backends) {
    const slow = crypto.kind === 'sdk';
    // Code that was hot for one backend is thrown away when the next one comes, and must become hot again.
    const warm = { ...settings, warmUpMs: Math.max(WARM_UP_MS, settings.warmUpMs) };
    const timings = await race(
      [
        { name: 'verify', run: () => verifyOurs(fixture.beef, crypto) },
        { ...bareBackend(crypto, fixture.signed), name: 'signature' },
        ...hashContenders(crypto),
      ],
      slow ? { ...settings, rounds: Math.min(3, settings.rounds) } : warm,
    );
    const byName = Object.fromEntries(timings.map(({ name, cpuUs }) => [name, cpuUs]));
    const share = (byName['signature']! * fixture.signed.length) / byName['verify']!;
    results.push({ kind: crypto.kind, label: crypto.label, us: byName, share });
  }
  return results;
};

const columns = [
  'verify',
  'signature',
  ...HASHED_BYTES.map((length) => `sha256d ${String(length)} B`),
  'hash160',
  'hashPairs',
];

export const printBackends = (results: readonly BackendResult[], name: string): void =>
  printTable(
    `Each backend that is here (CPU µs; verify: ${name} whole, signature: its own loop, hashes: 256 in a call)`,
    ['backend', ...columns, 'share of its own signatures', 'library'],
    results.map((result) => [
      result.kind,
      ...columns.map((column) => us(result.us[column]!)),
      percent(result.share),
      result.label,
    ]),
  );

export const recordBackends = (results: readonly BackendResult[]): object[] =>
  results.map(({ kind, label, us: byName, share }) => ({
    kind,
    label,
    us: Object.fromEntries(columns.map((column) => [column, round(byName[column]!, 3)])),
    share: round(share, 3),
  }));
