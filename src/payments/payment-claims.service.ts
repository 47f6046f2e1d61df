import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Result, encodeLeaf, hashState, printOutpoint } from '#atomic-core';
import { type PaymentClaimOutcome, claimPayment, listSpends, retractRivals } from '#ledger';
import type { Caller } from '../identity';
import type { PaymentTicket } from './payment-judge.service';
import { keepUnknown } from './payment-unknown';

/** Takes payments for routes that change nothing else; a submission takes its payment in its own COMMIT. */
@Injectable()
export class PaymentClaims {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  /** `replayed` when this payment already paid for this very request and its terms ended ten minutes ago at most: it is served again (RELIABILITY P6). */
  claim(caller: Caller, requestDigest: Buffer, ticket: PaymentTicket): Promise<Result<PaymentClaimOutcome>> {
    // The connection may have broken after the COMMIT.
    const reference = ticket.stranger === undefined ? ticket.prefix : printOutpoint(ticket.outpoint);
    return keepUnknown(reference, () => this.take(caller, requestDigest, ticket));
  }

  private async take(
    caller: Caller,
    requestDigest: Buffer,
    ticket: PaymentTicket,
  ): Promise<Result<PaymentClaimOutcome>> {
    const { outpoint, prefix, satoshis, graph } = ticket;
    const payment = graph.at(-1);
    if (payment === undefined) throw new Error('A payment ticket without its transaction.');
    const subject = printOutpoint(outpoint);
    const spends = listSpends(graph);
    // What is in a block outweighs whatever was applied before the block was known (decision 0010).
    if (payment.bump !== undefined) await retractRivals(this.database, spends);
    return claimPayment(this.database, {
      outpoint,
      prefix,
      satoshis,
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
    });
  }
}
