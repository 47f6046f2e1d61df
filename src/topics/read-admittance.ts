import type { Admittance, Coin } from '#atomic-core';

export type AdmittanceReading =
  { readonly ok: true; readonly admittance: Admittance } | { readonly ok: false; readonly reason: string };

const refuse = (reason: string): AdmittanceReading => ({ ok: false, reason });

/** `AdmittanceInstructions` of `@bsv/overlay`, believed as far as they can be checked: distinct whole numbers that name outputs and coins that exist. */
export function readAdmittance(answer: unknown, outputs: number, coins: readonly Coin[]): AdmittanceReading {
  const { outputsToAdmit, coinsToRetain } = (answer ?? {}) as Record<string, unknown>;
  if (!Array.isArray(outputsToAdmit)) return refuse('its answer has no list outputsToAdmit');
  if (!Array.isArray(coinsToRetain)) return refuse('its answer has no list coinsToRetain');
  const vouts = readIndexes(outputsToAdmit, (vout) => vout < outputs);
  if (typeof vouts === 'string') return refuse(`it admits outputs that ${vouts}`);
  const spent = new Set(coins.map(({ inputIndex }) => inputIndex));
  const retained = readIndexes(coinsToRetain, (input) => spent.has(input));
  if (typeof retained === 'string') return refuse(`it retains coins that ${retained}`);
  const kept = new Set(retained);
  return {
    ok: true,
    admittance: {
      admit: vouts.map((vout) => ({ vout, lookupKeys: [] })),
      coinsToRetain: retained,
      coinsToRemove: [...spent].filter((input) => !kept.has(input)),
    },
  };
}

/** In ascending order, or what is wrong with them. */
function readIndexes(list: readonly unknown[], exists: (index: number) => boolean): number[] | string {
  const indexes = new Set<number>();
  for (const entry of list) {
    if (!Number.isSafeInteger(entry) || (entry as number) < 0) return 'are no indexes';
    if (!exists(entry as number)) return 'do not exist';
    if (indexes.has(entry as number)) return 'are named twice';
    indexes.add(entry as number);
  }
  return [...indexes].sort((a, b) => a - b);
}
