import { runStatement } from './database';
import type { Database } from './database';

/**
 * Which transactions have scripts that hold, under one version of the script rules. Sound whatever becomes of the chain: a txid commits to the outpoints
 * that it spends, those to the transactions that made them, and so to every locking script and value that the scripts were judged against. Whether the
 * transaction is still wanted (proven, final, unspent, not retracted) is asked elsewhere, each time.
 */

/** Of `txids` (32 bytes each, wire order) those that are remembered, in no order. */
export const findScriptVerdicts = async (
  db: Database,
  rules: number,
  txids: readonly Uint8Array[],
): Promise<Buffer[]> => {
  if (txids.length === 0) return [];
  const rows = await runStatement<{ txid: Buffer }[]>(
    db,
    'select v.txid from portcullis.script_verdict v where v.rules = $1 and v.txid = any($2::bytea[])',
    [rules, txids.map(asBuffer)],
  );
  return rows.map(({ txid }) => txid);
};

/**
 * One statement, one commit. That commit does not wait for the disk: what a crash takes is verified again. Sorted, so that two replicas which remember the
 * same transactions wait for each other and never in a circle. What is there already is not tried: each try would take a place, and places are what is kept.
 */
export const recordScriptVerdicts = async (
  db: Database,
  rules: number,
  txids: readonly Uint8Array[],
): Promise<void> => {
  if (txids.length === 0) return;
  await runStatement(
    db,
    `with hasty as materialized (select set_config('synchronous_commit', 'off', true))
     insert into portcullis.script_verdict (rules, txid)
     select distinct $1::smallint, given.txid from hasty, unnest($2::bytea[]) given (txid)
     where not exists (select from portcullis.script_verdict v where v.rules = $1::smallint and v.txid = given.txid)
     order by given.txid
     on conflict do nothing`,
    [rules, txids.map(asBuffer)],
  );
};

/**
 * Forgets the oldest verdicts: all whose place is `keep` or more behind the youngest, so that no more than `keep` stay, and those that lost a race for their
 * place make it some fewer. Costs what it removes and not what is there: nothing is counted. Returns the number removed; at most `limit` a call.
 */
export const pruneScriptVerdicts = async (db: Database, keep: number, limit = 1_000): Promise<number> => {
  const [rows] = await runStatement<[unknown[], number]>(
    db,
    `delete from portcullis.script_verdict where ctid = any(array(
       select v.ctid from portcullis.script_verdict v
       where v.place <= (select max(place) - $1::bigint from portcullis.script_verdict)
       order by v.place limit $2 for update skip locked
     )) returning 1`,
    [keep, limit],
  );
  return rows.length;
};

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
