import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { accept, limits, reject, type Result } from '#atomic-core';
import { findReservation, releaseReservation, renewReservation, reserveOutputs, type Reservation } from '#ledger';
import { CONFIG, type Config } from '../config';
import type { Caller } from '../identity';
import { isUuid } from './is-uuid';
import { MergedBeef } from './merged-beef';
import { readTtl, readWish, type reservationBody } from './read-wish';
import { everyMember, writeOutput, type WrittenOutput } from './write-outputs';
import type { z } from 'zod';

export interface ReservationAnswer {
  readonly id: string;
  readonly state: Reservation['state'];
  readonly basket: string;
  readonly expiresAt: string;
  readonly outputs: readonly WrittenOutput[];
  /** Base64: one BEEF that `createAction` takes as `inputBEEF`. Null once the outputs are no longer held. */
  readonly inputBEEF?: string | null;
}

/** Outputs held for one caller's next transaction: by rows that expire, never by a lock that outlives a request. */
@Injectable()
export class ReservationsService {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async reserve(
    { organisation, identityKey }: Caller,
    body: z.output<typeof reservationBody>,
    key: string | undefined,
  ): Promise<Result<ReservationAnswer>> {
    const wish = readWish(body, this.config.reservationMsMax);
    if (!wish.ok) return wish;
    const requestKey = key === undefined ? {} : { requestKey: key };
    const asked = { id: randomUUID(), organisation, identityKey, ...wish.value, ...requestKey };
    const reserved = await reserveOutputs(this.database, asked);
    if (!reserved.ok) return reserved;
    const answer = await this.writeWhole(reserved.value);
    // Under a key the same request finds its reservation again; without one nobody could, and nothing would be free until it expires.
    if (!answer.ok && key === undefined) await releaseReservation(this.database, organisation, reserved.value.id);
    return answer;
  }

  async find(organisation: string, id: string): Promise<Result<ReservationAnswer>> {
    const reservation = isUuid(id) ? await findReservation(this.database, organisation, id) : undefined;
    return reservation === undefined ? reject('reservation-unknown') : this.writeWhole(reservation);
  }

  async renew(organisation: string, id: string, seconds: number | undefined): Promise<Result<ReservationAnswer>> {
    const ttlMs = readTtl(seconds, this.config.reservationMsMax);
    if (!ttlMs.ok) return ttlMs;
    if (!isUuid(id)) return reject('reservation-unknown');
    return write(await renewReservation(this.database, organisation, id, ttlMs.value));
  }

  async release(organisation: string, id: string): Promise<Result<ReservationAnswer>> {
    if (!isUuid(id)) return reject('reservation-unknown');
    return write(await releaseReservation(this.database, organisation, id));
  }

  private async writeWhole(reservation: Reservation): Promise<Result<ReservationAnswer>> {
    if (reservation.state !== 'held') return accept({ ...writeReservation(reservation), inputBEEF: null });
    const beef = new MergedBeef(this.database, limits.BEEF_BYTES_MAX);
    const added = await beef.add(reservation.outputs.map(({ txid }) => txid));
    if (!added.ok) return added;
    // What spends them would bring the same bytes, and this gateway would not take it.
    if (added.value < reservation.outputs.length)
      return reject(
        'beef-limit-exceeded',
        'the outputs rest on more bytes than one submission may have; ask for fewer',
      );
    return accept({ ...writeReservation(reservation), inputBEEF: beef.write().toString('base64') });
  }
}

const write = (reservation: Result<Reservation>): Result<ReservationAnswer> =>
  reservation.ok ? accept(writeReservation(reservation.value)) : reservation;

const writeReservation = ({ id, state, basket, expiresAt, outputs }: Reservation): ReservationAnswer => ({
  id,
  state,
  basket,
  expiresAt: expiresAt.toISOString(),
  outputs: outputs.map((output) => writeOutput(output, everyMember)),
});
