import type { Database } from './database';
import { runStatement } from './database';

/** What one process let pass: requests a second of one key of one budget. */
export interface RateUse {
  readonly scope: string;
  /** A digest of the key. */
  readonly key: Uint8Array;
  readonly perSecond: number;
}

/** What all other processes together let pass, and how many of them. */
export interface OthersUse extends RateUse {
  readonly processes: number;
}

/** Replaces what this process said before, and answers what others said in the last three seconds: at most 10,000 keys, the busiest. */
export const shareRates = async (
  db: Database,
  processId: string,
  uses: readonly RateUse[],
): Promise<readonly OthersUse[]> =>
  runStatement<OthersUse[]>(
    db,
    `select scope, key, per_second as "perSecond", processes
     from portcullis.share_rates($1::uuid, $2::text[], $3::bytea[], $4::real[])`,
    [
      processId,
      uses.map(({ scope }) => scope),
      uses.map(({ key }) => Buffer.from(key)),
      uses.map(({ perSecond }) => perSecond),
    ],
  );
