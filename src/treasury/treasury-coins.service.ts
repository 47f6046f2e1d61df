import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type PaidCoin, type Result, accept, readInstructions, reject, writePublicKeyHashScript } from '#atomic-core';
import {
  type BasketOutput,
  type Reservation,
  TREASURY_BASKET,
  listBasketOutputs,
  listBaskets,
  releaseReservation,
  reserveOutputs,
  tagOfPayee,
} from '#ledger';
import type { Caller } from '../identity';
import { KeyRing } from '../keys';
import type { SweepBody } from './read-sweep';

/** Longer than it takes to sign and to verify what is spent. */
const HOLD_MS = 120_000;

export interface HeldCoins {
  readonly reservation: string;
  readonly coins: readonly PaidCoin[];
}

/** What of the treasury this gateway can spend by itself: what was paid to a key of it that is still in force. */
@Injectable()
export class TreasuryCoins {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(KeyRing) private readonly ring: KeyRing,
  ) {}

  /** Held for one sweep, oldest first. */
  async hold(caller: Caller, { satoshis, outputsMax }: SweepBody): Promise<Result<HeldCoins>> {
    const { organisation, identityKey } = caller;
    const tags = this.ring.list().map((keys) => tagOfPayee(keys.identityKey));
    const outputs = Math.min(outputsMax, await this.countFree(organisation, tags));
    if (outputs < 1) return reject('treasury-insufficient', 'nothing is free');
    const reserved = await reserveOutputs(this.database, {
      ...{ id: randomUUID(), organisation, identityKey, basket: TREASURY_BASKET, tags, ttlMs: HOLD_MS },
      want: satoshis === undefined ? { outputs } : { satoshis },
    });
    return reserved.ok ? this.open(reserved.value, outputsMax) : reserved;
  }

  async release(organisation: string, { reservation }: HeldCoins): Promise<void> {
    await releaseReservation(this.database, organisation, reservation);
  }

  private async open(held: Reservation, outputsMax: number): Promise<Result<HeldCoins>> {
    const coins = held.outputs.flatMap((output) => this.openCoin(output) ?? []).slice(0, outputsMax);
    const opened = { reservation: held.id, coins };
    if (coins.length > 0) return accept(opened);
    await this.release(held.organisation, opened);
    return reject('treasury-insufficient', 'nothing that is free was paid to a key that is in force');
  }

  /** Members may put what they like into their basket: its instructions are believed where they derive the very lock. */
  private openCoin({
    customInstructions = '',
    txid,
    vout,
    satoshis,
    lockingScript,
  }: BasketOutput): PaidCoin | undefined {
    const derivation = readInstructions(customInstructions);
    const keys = derivation && this.ring.find(derivation.payee);
    if (keys === undefined) return undefined;
    const { payer, prefix, suffix } = derivation as NonNullable<typeof derivation>;
    const lock = writePublicKeyHashScript(keys.derivePaymentKeyHash(payer, prefix, suffix));
    if (!lock.equals(lockingScript)) return undefined;
    const sign: PaidCoin['sign'] = (digest) => keys.signPayment(digest, payer, `${prefix} ${suffix}`);
    return { txid, vout, satoshis, lockingScript, sign };
  }

  /** No fewer than are free, but where others hold some that we could not spend. */
  private async countFree(organisation: string, tags: readonly string[]): Promise<number> {
    const { total } = await listBasketOutputs(this.database, organisation, TREASURY_BASKET, { tags, limit: 1 });
    const [basket] = await listBaskets(this.database, organisation, TREASURY_BASKET);
    return total - (basket?.reserved ?? 0);
  }
}
