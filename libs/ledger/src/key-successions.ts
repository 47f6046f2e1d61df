import { limits, type KeySuccession, type SignedKeySuccession } from '#atomic-core';
import { hexOf, runStatement } from './database';
import type { Database } from './database';

/** What a key said first stands. */
export const keepKeySuccession = async (
  db: Database,
  { certifier, successor, issuedAt }: KeySuccession,
  signature: Uint8Array,
): Promise<void> => {
  await runStatement(
    db,
    `insert into portcullis.key_succession (certifier, successor, issued_at, signature) values ($1, $2, $3, decode($4, 'hex')) on conflict do nothing`,
    [certifier, successor, issuedAt, hexOf(signature)],
  );
};

interface SuccessionRow extends KeySuccession {
  readonly signature: string;
}

/** From one key to the next, beginning with this one. */
export const listKeySuccessions = async (db: Database, certifier: string): Promise<readonly SignedKeySuccession[]> => {
  const rows = await runStatement<SuccessionRow[]>(
    db,
    `with recursive way as (
       select s.*, 1 as place from portcullis.key_succession s where s.certifier = $1
       union all select s.*, w.place + 1 from way w join portcullis.key_succession s on s.certifier = w.successor where w.place < $2
     )
     select w.certifier, w.successor, w.issued_at as "issuedAt", encode(w.signature, 'hex') as signature from way w order by w.place`,
    [certifier, limits.KEY_SUCCESSIONS_MAX],
  );
  return rows.map(({ signature, ...succession }) => ({ succession, signature }));
};
