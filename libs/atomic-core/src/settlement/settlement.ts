/** Where a transaction stands with the network. `applied` is the COMMIT; see `next-settlement.ts` for the moves between. */
export const settlements = ['applied', 'broadcast', 'seen', 'mined', 'final', 'retracted'] as const;
export type Settlement = (typeof settlements)[number];
