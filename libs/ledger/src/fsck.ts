import { nextSettlement, settlementEvents, settlements } from '#atomic-core';
import { printDetail, runStatement } from './database';
import type { Database } from './database';
import { invariants } from './sql/invariants';

export interface FsckFinding {
  readonly invariant: string;
  readonly sentence: string;
  readonly ok: boolean;
  /** What breaks it, at most VIOLATIONS_MAX of them. */
  readonly violations: readonly string[];
}

const VIOLATIONS_MAX = 100;

/** Every legal step, as `from>to`, straight from the core's table. */
const listSteps = (): string[] =>
  settlements.flatMap((from) =>
    settlementEvents.flatMap((event) => {
      const to = nextSettlement(from, event);
      return to === undefined ? [] : [`${from}>${to}`];
    }),
  );

/** Runs every invariant of the ledger, one SQL statement each. Reads only. */
export const fsck = async (db: Database): Promise<FsckFinding[]> => {
  const findings: FsckFinding[] = [];
  for (const { invariant, sentence, sql } of invariants) {
    const parameters = sql.includes('$2') ? [VIOLATIONS_MAX, listSteps()] : [VIOLATIONS_MAX];
    const rows = await runStatement<{ violation: string }[]>(db, `${sql} limit $1`, parameters);
    findings.push({
      invariant,
      sentence,
      ok: rows.length === 0,
      violations: rows.map(({ violation }) => printDetail(violation)),
    });
  }
  return findings;
};
