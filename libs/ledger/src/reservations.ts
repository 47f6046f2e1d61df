import { accept, limits } from '#atomic-core';
import type { Result, Satoshis } from '#atomic-core';
import { listReservedOutputs } from './basket-outputs';
import type { BasketOutput } from './basket-outputs';
import { runRefusable, runStatement } from './database';
import type { Database } from './database';
import { tenantOf } from './tenant';

export interface ReservationRequest {
  /** UUID, made by the caller. */
  readonly id: string;
  readonly organisation: string;
  readonly identityKey: string;
  readonly basket: string;
  readonly tags?: readonly string[];
  readonly tagQueryMode?: 'any' | 'all';
  /** So many outputs, or as many as come to so much. */
  readonly want: { readonly outputs: number } | { readonly satoshis: Satoshis } | { readonly quantity: number };
  readonly ttlMs: number;
  /** The same key of the same identity finds the same reservation for as long as it holds. */
  readonly requestKey?: string;
}

/** `consumed`: a COMMIT spent what it held. `expired` and `released` hold nothing. */
export type ReservationState = 'held' | 'expired' | 'released' | 'consumed';

export interface Reservation {
  readonly id: string;
  readonly organisation: string;
  readonly identityKey: string;
  readonly basket: string;
  readonly expiresAt: Date;
  readonly state: ReservationState;
  /** What it holds, or what was consumed of it; of an expired one what nobody else reserved since. */
  readonly outputs: readonly BasketOutput[];
}

type ReservationRow = Omit<Reservation, 'outputs'>;

const readWant = (want: ReservationRequest['want']): { measure: string; amount: number } => {
  if ('outputs' in want) return { measure: 'outputs', amount: want.outputs };
  return 'satoshis' in want
    ? { measure: 'satoshis', amount: want.satoshis }
    : { measure: 'quantity', amount: want.quantity };
};

/**
 * Reserves free outputs of one basket for one identity, oldest first, no more of them than the wish needs. One short statement: those who ask for the same
 * basket at once are served in the order in which they came, and nothing stays locked. Refused: `stock-insufficient`, `idempotency-conflict`.
 */
export const reserveOutputs = async (db: Database, request: ReservationRequest): Promise<Result<Reservation>> => {
  const { id, organisation, identityKey, basket, tags = [], tagQueryMode = 'any', ttlMs, requestKey } = request;
  const terms = { ...readWant(request.want), tags: [...new Set(tags)].sort(), tagQueryMode };
  const asked = { id, organisation, identityKey, basket, ttlMs, requestKey, terms };
  const reserved = await runRefusable<{ id: string }[]>(
    tenantOf(db, organisation),
    'select portcullis.reserve_outputs($1::jsonb) as id',
    [JSON.stringify({ ...asked, outputsMax: limits.RESERVATION_OUTPUTS_MAX })],
  );
  return reserved.ok ? readBack(db, organisation, reserved.value[0]?.id ?? id) : reserved;
};

export const findReservation = async (
  db: Database,
  organisation: string,
  id: string,
): Promise<Reservation | undefined> => {
  const [row] = await runStatement<ReservationRow[]>(
    tenantOf(db, organisation),
    `select r.id, r.organisation, r.identity_key as "identityKey", r.basket, r.expires_at as "expiresAt",
       case when r.released_at is not null then 'released' when portcullis.is_consumed(r.id) then 'consumed'
         when r.expires_at <= clock_timestamp() then 'expired' else 'held' end as state
     from portcullis.reservation r where r.id = $1 and r.organisation = $2`,
    [id, organisation],
  );
  return row && { ...row, outputs: await listReservedOutputs(db, organisation, id) };
};

/** Holds it until `ttlMs` from now. Refused: `reservation-unknown`, `reservation-ended`. */
export const renewReservation = async (
  db: Database,
  organisation: string,
  id: string,
  ttlMs: number,
): Promise<Result<Reservation>> => {
  const renewed = await runRefusable(tenantOf(db, organisation), 'select portcullis.renew_reservation($1, $2, $3)', [
    organisation,
    id,
    ttlMs,
  ]);
  return renewed.ok ? readBack(db, organisation, id) : renewed;
};

/** Frees what it still holds, at any time and as often as is asked. Refused: `reservation-unknown`. */
export const releaseReservation = async (
  db: Database,
  organisation: string,
  id: string,
): Promise<Result<Reservation>> => {
  const released = await runRefusable(tenantOf(db, organisation), 'select portcullis.release_reservation($1, $2)', [
    organisation,
    id,
  ]);
  return released.ok ? readBack(db, organisation, id) : released;
};

const readBack = async (db: Database, organisation: string, id: string): Promise<Result<Reservation>> => {
  const found = await findReservation(db, organisation, id);
  if (found === undefined) throw new Error(`Reservation ${id} is gone, and none ever goes.`);
  return accept(found);
};
