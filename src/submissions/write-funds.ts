import { printOutpoint, settleMeter, type TransitionPlan, type VerifiedTransaction } from '#atomic-core';
import type { CommitInput } from '#ledger';
import { listUses, type FundsTicket } from '../payments';

/** What the submission turned out to be. */
export interface Served {
  readonly id: string;
  readonly transaction: VerifiedTransaction;
  readonly plan: TransitionPlan;
}

/** How the submission is paid for, as the COMMIT takes it, as the leaf says it and as the receipt does. */
export interface WrittenFunds {
  readonly taken: Pick<CommitInput, 'payment' | 'draw'>;
  readonly facts: readonly string[];
  readonly receipt: Readonly<Record<string, unknown>>;
}

/** A meter is read here: what was told was what it may cost at most. */
export function writeFunds(ticket: FundsTicket, { id, transaction, plan }: Served): WrittenFunds {
  const { charge } = ticket;
  const { meter, plan: label, creditLimit } = charge;
  const uses = listUses(charge);
  const charged =
    meter &&
    settleMeter(meter, {
      transactions: transaction.transactions.length,
      inputs: transaction.transactions.reduce(
        (sum, { bump, inputs }) => sum + (bump === undefined ? inputs.length : 0),
        0,
      ),
      outputs: plan.topics.reduce((sum, { admit }) => sum + admit.length, 0),
    });
  if (ticket.kind === 'draw') {
    const satoshis = charged ?? ticket.satoshis;
    const place = { method: 'POST', path: '/v1/submissions' };
    return {
      taken: { draw: { key: `transition:${id}`, satoshis, creditLimit, plan: label, uses, ...place } },
      facts: [`drew ${satoshis} ${label}`],
      receipt: { draw: { satoshis, plan: label } },
    };
  }
  const { outpoint, prefix, satoshis, exposure, stranger, kept } = ticket;
  const printed = printOutpoint(outpoint);
  return {
    taken: {
      payment: {
        ...{ outpoint, prefix, satoshis, kept, plan: label, uses },
        ...(charged !== undefined && { charged }),
        ...(exposure && { exposure }),
        ...(stranger && { holder: stranger.holder }),
      },
    },
    facts: [`paid ${printed} ${satoshis}`],
    receipt: { payment: { satoshis, outpoint: printed } },
  };
}
