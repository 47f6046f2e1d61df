import type { Satoshis, Settlement } from '#atomic-core';
import { onlyRow, runStatement } from './database';
import type { Database } from './database';

export interface TreasurySum {
  readonly payments: number;
  readonly satoshis: Satoshis;
}

/** All that was ever paid, by where it is now: the others add up to `claimed`. */
export interface TreasuryBalance {
  readonly claimed: TreasurySum;
  readonly held: TreasurySum;
  /** By sweeps; and by whoever else has the key. */
  readonly swept: TreasurySum;
  readonly spent: TreasurySum;
  /** Taken out of the basket by hand. */
  readonly relinquished: TreasurySum;
  /** Refused by the network after it was taken. */
  readonly retracted: TreasurySum;
  /** Of another operator, or of a time when there was none. */
  readonly unassigned: TreasurySum;
}

/** Of the accounts of customers. */
export interface Liabilities {
  /** Paid ahead and not drawn: owed to customers. */
  readonly balances: Satoshis;
  /** Drawn on credit. */
  readonly credit: Satoshis;
  /** Owed for payments that the network refused. */
  readonly debts: Satoshis;
}

const STATES = ['held', 'swept', 'spent', 'relinquished', 'retracted', 'unassigned'] as const;
type State = (typeof STATES)[number];
const NOTHING: TreasurySum = { payments: 0, satoshis: 0 };

/** Reads every claim: for a report, and for no request that a customer waits for. */
export const readTreasury = async (db: Database, organisation: string | undefined): Promise<TreasuryBalance> => {
  const rows = await runStatement<{ state: string; payments: number; satoshis: number }[]>(
    db,
    `select case when s.treasury is distinct from $1 then 'unassigned' else s.state end as state, count(*)::float8 as payments,
       sum(s.satoshis)::float8 as satoshis from portcullis.locate_payments() s group by 1`,
    [organisation ?? null],
  );
  const sums = new Map(rows.map(({ state, ...sum }) => [state, sum]));
  const claimed = rows.reduce(
    (total, { payments, satoshis }) => ({
      payments: total.payments + payments,
      satoshis: total.satoshis + satoshis,
    }),
    NOTHING,
  );
  const states = Object.fromEntries(STATES.map((state) => [state, sums.get(state) ?? NOTHING]));
  return { claimed, ...(states as Readonly<Record<State, TreasurySum>>) };
};

export const readLiabilities = async (db: Database): Promise<Liabilities> =>
  onlyRow(
    await runStatement<Liabilities[]>(
      db,
      `select coalesce(sum(greatest(a.balance, 0)), 0)::float8 as balances, coalesce(sum(greatest(-a.balance, 0)), 0)::float8 as credit,
         coalesce(sum(a.debt), 0)::float8 as debts from portcullis.account a`,
      [],
    ),
  );

/** A payment that was taken. */
export interface TakenPayment {
  /** 36 bytes. */
  readonly outpoint: Buffer;
  readonly organisation: string;
  readonly identityKey: string;
  /** Where that is another key than that of who asked. */
  readonly payer: string | null;
  readonly method: string;
  readonly path: string;
  readonly price: Satoshis;
  readonly satoshis: Satoshis;
  readonly planVersion: string | null;
  readonly settlement: Settlement;
  readonly transitionId: string | null;
  readonly auditLeaf: number;
  readonly claimedAt: Date;
}

export interface PaymentPage {
  /** Audit leaf of a payment: those before it. */
  readonly before: number;
  readonly limit: number;
}

/** Newest first: of one organisation, or of all. */
export const listPayments = (
  db: Database,
  organisation: string | undefined,
  { before, limit }: PaymentPage,
): Promise<TakenPayment[]> => {
  const mine = organisation === undefined ? '' : 'and h.organisation = $3';
  return runStatement(
    db,
    `select c.outpoint, c.organisation, c.identity_key as "identityKey", q.payer, q.method, q.path, coalesce(c.charged, q.satoshis)::float8 as price,
       c.satoshis::float8 as satoshis, q.plan_version as "planVersion", c.settlement, c.transition_id as "transitionId", c.leaf_index::float8 as "auditLeaf",
       c.created_at as "claimedAt"
     from (select h.* from portcullis.payment_claim h where h.leaf_index < $1 ${mine} order by h.leaf_index desc limit $2) c
     join portcullis.payment_quote q on q.prefix = c.prefix order by c.leaf_index desc`,
    [before, limit, ...(organisation === undefined ? [] : [organisation])],
  );
};
