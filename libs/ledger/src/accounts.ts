import { accept, encodeLeaf, hashState } from '#atomic-core';
import type { Result, Satoshis } from '#atomic-core';
import { REPLAY_GRACE_MS, writeDraw } from './commit-input';
import type { AccountDraw } from './commit-input';
import { hexOf, onlyRow, runRefusable, runStatement } from './database';
import type { Database } from './database';
import type { Actor } from './offers';
import { tenantOf } from './tenant';

/** What is counted in one period: an allowance, or a volume that sets the price. */
export interface Counter {
  /** Whose it is: an organisation, or `address …` for who calls from there. */
  readonly organisation: string;
  readonly counter: string;
  /** Of the period: both its ends are part of what it is. */
  readonly starts: Date;
  readonly ends: Date;
}

export interface AccountStanding {
  /** Satoshis paid ahead; below zero on credit. */
  readonly balance: Satoshis;
  /** Satoshis of payments that the network refused. While there are any, nothing is drawn. */
  readonly debt: Satoshis;
  /** A payment has come for terms of the request, and was not taken. */
  readonly isPaymentSeen: boolean;
  /** Of each counter that was asked for, in that order. */
  readonly used: readonly number[];
}

export const readAccount = async (
  db: Database,
  organisation: string,
  counters: readonly Counter[] = [],
  request?: { readonly identityKey: string; readonly requestDigest: Buffer },
): Promise<AccountStanding> => {
  const rows = await runStatement<{ standing: AccountStanding }[]>(
    db,
    'select portcullis.read_account($1, $2::jsonb, $3, $4) as standing',
    [organisation, JSON.stringify(counters), request?.identityKey ?? null, request?.requestDigest ?? null],
  );
  return onlyRow(rows).standing;
};

/** `replayed`: it was drawn for this key not long ago. */
export type DrawOutcome = 'drawn' | 'replayed';

/**
 * For routes that change nothing else: draws in one statement, with the audit leaf. Refused: `account-exhausted` (ask for the price again),
 * `payment-debt-open`, `payment-credited` (serving failed and the money was given back), `payment-already-spent` (drawn for too long ago).
 */
export const drawAlone = async (db: Database, actor: Actor, draw: AccountDraw): Promise<Result<DrawOutcome>> => {
  const { organisation, identityKey } = actor;
  const leaf = writeLeaf('drawn', actor, draw.key, [`drew ${String(draw.satoshis)} ${draw.plan}`]);
  const asked = { organisation, identityKey, draw: writeDraw(draw), serve: true, graceMs: REPLAY_GRACE_MS, leaf };
  const drawn = await runRefusable<{ outcome: DrawOutcome }[]>(
    db,
    'select portcullis.draw_alone($1::jsonb) as outcome',
    [JSON.stringify(asked)],
  );
  return drawn.ok ? accept(onlyRow(drawn.value).outcome) : drawn;
};

/** What was taken: the key of the draw, or `payment:` and the outpoint in hex. */
export interface Taken {
  readonly organisation: string;
  readonly key: string;
}

/** Whoever asks again finds the answer, and nothing is given back any more. */
export const endService = async (db: Database, served: readonly Taken[]): Promise<void> => {
  await runStatement(db, 'select portcullis.end_service($1::jsonb)', [JSON.stringify(served)]);
};

/**
 * Gives back what was taken for a request that could not be served: once, and never while another request is at it or after one was served. `swept`: only
 * what found its end. Answers whether it did.
 */
export const creditUnserved = async (db: Database, actor: Actor, key: string, swept: boolean): Promise<boolean> => {
  const { organisation, identityKey } = actor;
  const asked = {
    organisation,
    identityKey,
    key,
    ...(swept && { swept }),
    leaf: writeLeaf('credited', actor, key, [`credited ${key}`]),
  };
  const rows = await runStatement<{ credited: boolean }[]>(
    db,
    'select portcullis.credit_unserved($1::jsonb) as credited',
    [JSON.stringify(asked)],
  );
  return onlyRow(rows).credited;
};

/** What was taken and never served, oldest first. */
export const listUnserved = (db: Database, limit = 100): Promise<(Taken & { readonly identityKey: string })[]> =>
  runStatement(
    db,
    `select u.organisation, u.key, coalesce(c.identity_key, e.identity_key) as "identityKey"
     from (select * from portcullis.unserved h where h.until <= clock_timestamp() order by h.until limit $1) u
     left join lateral (select k.identity_key from portcullis.payment_claim k
       where k.outpoint = decode(substring(u.key from '^payment:([0-9a-f]{72})$'), 'hex') offset 0) c on true
     left join lateral (select k.identity_key from portcullis.account_entry k
       where k.organisation = u.organisation and k.key = u.key offset 0) e on true`,
    [limit],
  );

export interface AccountEntry {
  readonly seq: number;
  readonly kind: 'top-up' | 'overpaid' | 'draw' | 'credit' | 'debt';
  /** What it did to the balance, and to the debt. */
  readonly satoshis: Satoshis;
  readonly owed: Satoshis;
  readonly balance: Satoshis;
  readonly debt: Satoshis;
  readonly key: string;
  readonly identityKey: string;
  readonly plan: string | null;
  readonly method: string | null;
  readonly path: string | null;
  readonly auditLeaf: number | null;
  readonly at: Date;
}

/** Newest first; `before` is the number of an entry. */
export const listEntries = (
  db: Database,
  organisation: string,
  before: number,
  limit: number,
): Promise<AccountEntry[]> =>
  runStatement(
    tenantOf(db, organisation),
    `select seq::float8 as seq, kind, satoshis::float8 as satoshis, owed::float8 as owed, balance_after::float8 as balance,
       debt_after::float8 as debt, key, identity_key as "identityKey", plan, method, path, leaf_index::float8 as "auditLeaf", at
     from portcullis.account_entry where organisation = $1 and seq < $2 order by seq desc limit $3`,
    [organisation, before, limit],
  );

/** Forgets what was counted in periods that ended long ago: what was drawn is in the entries. Returns the number removed. */
export const pruneUses = async (db: Database, limit = 1_000): Promise<number> => {
  const [rows] = await runStatement<[unknown[], number]>(
    db,
    `delete from portcullis.account_use gone using (
       select u.organisation, u.counter, u.starts from portcullis.account_use u where u.ends < now() - interval '35 days'
       order by u.ends limit $1 for update skip locked
     ) ended where (gone.organisation, gone.counter, gone.starts) = (ended.organisation, ended.counter, ended.starts) returning 1`,
    [limit],
  );
  return rows.length;
};

const writeLeaf = (decision: 'drawn' | 'credited', actor: Actor, subject: string, after: readonly string[]): string => {
  const { organisation, identityKey, requestId } = actor;
  const hashes = { beforeHash: hashState([]), afterHash: hashState(after) };
  return hexOf(encodeLeaf({ decision, atMs: Date.now(), organisation, identityKey, requestId, subject, ...hashes }));
};
