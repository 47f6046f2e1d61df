import { onlyRow, runStatement } from './database';
import type { Database } from './database';

/** A use is written down once in this time, so that a page that asks often writes seldom. */
const TOUCH_MS = 30_000;

/** Of a person in a browser. The token is known to the browser alone; here it is a hash. */
export interface PersonSession {
  readonly organisation: string;
  readonly issuer: string;
  readonly subject: string;
  readonly displayName: string | undefined;
  /** Values of the claim, as the configuration knew them at the login. */
  readonly grants: readonly string[];
  readonly createdAt: Date;
  readonly endsAt: Date;
}

export interface PersonSessionOpening extends Omit<PersonSession, 'createdAt' | 'endsAt'> {
  readonly tokenHash: Uint8Array;
  readonly idleMs: number;
  readonly ttlMs: number;
}

/** Of one account there are ten at most: the oldest ends. */
export const openPersonSession = async (db: Database, opening: PersonSessionOpening): Promise<void> => {
  const { tokenHash, displayName, ...rest } = opening;
  const asked = { ...rest, displayName: displayName ?? null, tokenHash: Buffer.from(tokenHash).toString('hex') };
  await runStatement(db, 'select portcullis.open_person_session($1::jsonb)', [JSON.stringify(asked)]);
};

/** Undefined when unknown or over. To be asked about is to be used: it lasts on, up to its end. */
export const findPersonSession = async (
  db: Database,
  tokenHash: Uint8Array,
  idleMs: number,
): Promise<PersonSession | undefined> => {
  interface Row extends Omit<PersonSession, 'displayName'> {
    readonly displayName: string | null;
  }
  const rows = await runStatement<Row[]>(
    db,
    `with used as (
       update portcullis.person_session s
         set expires_at = greatest(s.expires_at, least(s.ends_at, clock_timestamp() + $2 * interval '1 millisecond'))
         where s.token_hash = $1 and s.expires_at > now()
           and s.expires_at < least(s.ends_at, now() + ($2 - $3::bigint) * interval '1 millisecond'))
     select s.organisation, s.issuer, s.subject, s.display_name as "displayName", s.grants,
            s.created_at as "createdAt", s.ends_at as "endsAt"
     from portcullis.person_session s where s.token_hash = $1 and s.expires_at > now()`,
    [Buffer.from(tokenHash), idleMs, Math.min(TOUCH_MS, Math.floor(idleMs / 2))],
  );
  const [row] = rows;
  return row && { ...row, displayName: row.displayName ?? undefined };
};

/** Asked without being used: it goes on to end when nobody uses it. */
export const isPersonSessionOpen = async (db: Database, tokenHash: Uint8Array): Promise<boolean> => {
  const rows = await runStatement<unknown[]>(
    db,
    'select from portcullis.person_session s where s.token_hash = $1 and s.expires_at > now()',
    [Buffer.from(tokenHash)],
  );
  return rows.length === 1;
};

export const endPersonSession = async (db: Database, tokenHash: Uint8Array): Promise<void> => {
  await runStatement(db, 'delete from portcullis.person_session where token_hash = $1', [Buffer.from(tokenHash)]);
};

/** All of one account. Returns their number. */
export const endPersonSessions = async (db: Database, issuer: string, subject: string): Promise<number> => {
  const [rows] = await runStatement<[unknown[], number]>(
    db,
    'delete from portcullis.person_session where issuer = $1 and subject = $2 returning 1',
    [issuer, subject],
  );
  return rows.length;
};

/** Forgets those that are over; at most `limit` a call. Returns the number of rows removed. */
export const prunePersonSessions = async (db: Database, limit = 1_000): Promise<number> => {
  const [rows] = await runStatement<[unknown[], number]>(
    db,
    `delete from portcullis.person_session gone using (
       select s.token_hash from portcullis.person_session s where s.expires_at <= now()
       order by s.expires_at limit $1 for update skip locked
     ) ended where gone.token_hash = ended.token_hash returning 1`,
    [limit],
  );
  return rows.length;
};

/** False where one is in force. `setupIssuer`: of the sessions that such a link opens. */
export const openSetupLink = async (
  db: Database,
  { tokenHash, ttlMs, setupIssuer }: { tokenHash: Uint8Array; ttlMs: number; setupIssuer: string },
): Promise<boolean> => {
  const asked = [Buffer.from(tokenHash), ttlMs, setupIssuer];
  const sql = 'select portcullis.open_setup_link($1, $2, $3) as given';
  return onlyRow(await runStatement<{ given: boolean }[]>(db, sql, asked)).given;
};

/** True for exactly one of those who come with this link. */
export const useSetupLink = async (db: Database, tokenHash: Uint8Array): Promise<boolean> => {
  const sql = 'select portcullis.use_setup_link($1) as taken';
  return onlyRow(await runStatement<{ taken: boolean }[]>(db, sql, [Buffer.from(tokenHash)])).taken;
};

/** Whatever link there is, and what it opened, is worth nothing from here on. */
export const closeSetupLink = async (db: Database, setupIssuer: string): Promise<void> => {
  await runStatement(
    db,
    `with closed as (delete from portcullis.setup_link)
     delete from portcullis.person_session where issuer = $1`,
    [setupIssuer],
  );
};
