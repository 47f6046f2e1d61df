import { printOutpoint } from '#atomic-core';
import type { BasketOutput } from '#ledger';
import type { Members } from './read-listing';

/** One output of a basket as BRC-100 writes it (`WalletOutput`), and what a gateway knows beside. */
export interface WrittenOutput {
  readonly outpoint: string;
  readonly satoshis: number;
  readonly spendable: boolean;
  readonly quantity: number;
  readonly lockingScript?: string;
  readonly customInstructions?: string;
  readonly tags?: readonly string[];
  readonly labels?: readonly string[];
  readonly reservedUntil?: string;
}

export const everyMember: Members = { scripts: true, customInstructions: true, tags: true, labels: true };

export function writeOutput(output: BasketOutput, members: Members): WrittenOutput {
  const { outpoint, satoshis, lockingScript, spendable, quantity, reservedUntil, customInstructions } = output;
  return {
    outpoint: printOutpoint(outpoint),
    satoshis,
    spendable,
    quantity,
    ...(members.scripts && { lockingScript: lockingScript.toString('hex') }),
    ...(members.customInstructions && customInstructions !== undefined && { customInstructions }),
    ...(members.tags && { tags: output.tags }),
    ...(members.labels && { labels: output.labels }),
    ...(reservedUntil && { reservedUntil: reservedUntil.toISOString() }),
  };
}
