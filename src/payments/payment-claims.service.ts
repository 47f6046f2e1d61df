import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { type Result, encodeLeaf, hashState, printOutpoint } from '#atomic-core';
import { claimPayment, drawAlone, keyOfPayment, listSpends, retractRivals } from '#ledger';
import type { Caller } from '../identity';
import { drawnFor } from './drawn-for';
import { listUses } from './charges.service';
import type { DrawTicket, FundsTicket, PaymentTicket } from './payment-judge.service';
import { keepUnknown } from './payment-unknown';
import { Servings } from './servings.runner';

/** What is taken, and for what. */
export interface ClaimOrder {
  readonly caller: Caller;
  readonly requestDigest: Buffer;
  /** Whose answer it pays for: what fails is given back. Without it nothing follows that could fail. */
  readonly served?: FastifyRequest;
  /** Under which an account is drawn on; a request that comes again under the same key is served again and drawn for once. */
  readonly key?: string;
  /** All of it goes to the account. */
  readonly topUp?: boolean;
}

export type ClaimOutcome = 'claimed' | 'drawn' | 'replayed';

/** Takes payments for routes that change nothing else; a submission takes its payment in its own COMMIT. */
@Injectable()
export class PaymentClaims {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(Servings) private readonly servings: Servings,
  ) {}

  /**
   * `replayed` when this payment already paid for this very request and its terms ended ten minutes ago at most: it is served again (RELIABILITY P6). What is
   * taken for an answer that turns out to be none, whosever fault that is, goes to the account of who paid.
   */
  async claim(order: ClaimOrder, ticket: FundsTicket): Promise<Result<ClaimOutcome>> {
    if (ticket.kind === 'draw') return this.draw(order, ticket);
    // The connection may have broken after the COMMIT.
    const reference = ticket.stranger === undefined ? ticket.prefix : printOutpoint(ticket.outpoint);
    const claimed = await keepUnknown(reference, () => this.take(order, ticket));
    if (claimed.ok && order.served !== undefined && order.topUp !== true) {
      const organisation = ticket.stranger?.holder ?? order.caller.organisation;
      const taken = { organisation, key: keyOfPayment(ticket.outpoint) };
      this.servings.watch(order.served, order.caller, taken, ticket);
    }
    return claimed;
  }

  private async draw(
    { caller, served, key, requestDigest }: ClaimOrder,
    ticket: DrawTicket,
  ): Promise<Result<ClaimOutcome>> {
    const { charge } = ticket;
    const { organisation, identityKey, requestId } = caller;
    const drawn = key ?? drawnFor(served, requestDigest) ?? `draw:${randomUUID()}`;
    const outcome = await drawAlone(
      this.database,
      { organisation, identityKey, requestId },
      {
        ...{ key: drawn, satoshis: charge.satoshis, creditLimit: charge.creditLimit, plan: charge.plan },
        ...{ method: served?.method ?? '', path: served?.routeOptions.url ?? '', uses: listUses(charge) },
      },
    );
    if (outcome.ok && served !== undefined) this.servings.watch(served, caller, { organisation, key: drawn }, ticket);
    return outcome;
  }

  private async take(order: ClaimOrder, ticket: PaymentTicket): Promise<Result<'claimed' | 'replayed'>> {
    const { caller, requestDigest, served, topUp = false } = order;
    const { outpoint, prefix, satoshis, graph, charge, exposure, stranger, kept } = ticket;
    const payment = graph.at(-1);
    if (payment === undefined) throw new Error('A payment ticket without its transaction.');
    const subject = printOutpoint(outpoint);
    const spends = listSpends(graph);
    // What is in a block outweighs whatever was applied before the block was known (decision 0010).
    if (payment.bump !== undefined) await retractRivals(this.database, spends);
    return claimPayment(this.database, {
      ...{ outpoint, prefix, satoshis, kept, plan: charge.plan, uses: listUses(charge) },
      ...(exposure && { exposure }),
      ...(stranger && { holder: stranger.holder }),
      organisation: caller.organisation,
      identityKey: caller.identityKey,
      requestDigest,
      transactions: graph,
      spends,
      outbox:
        payment.bump === undefined
          ? [{ kind: 'broadcast', dedupeKey: `broadcast:${payment.txid}`, payload: { txid: payment.txid } }]
          : [],
      leaf: encodeLeaf({
        decision: 'claimed',
        atMs: Date.now(),
        organisation: caller.organisation,
        identityKey: caller.identityKey,
        requestId: caller.requestId,
        subject,
        beforeHash: hashState([]),
        afterHash: hashState([`paid ${subject} ${String(satoshis)}`]),
      }),
      follows: topUp ? 'top-up' : served === undefined ? 'nothing' : 'service',
    });
  }
}
