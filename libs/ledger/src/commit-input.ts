import { printOutpoint, writeInstructions } from '#atomic-core';
import type {
  GraphTransaction,
  Outpoint,
  PaymentDerivation,
  PlannedBasketOutput,
  PlannedTopic,
  Satoshis,
  Txid,
} from '#atomic-core';
import { hexOf, wireHex } from './database';

/** A transaction of a verified graph. Its BUMP, if any, was judged against our best chain; the COMMIT checks the root once more. */
export type LedgerTransaction = Pick<GraphTransaction, 'txid' | 'raw' | 'bump'>;

export interface Spend {
  readonly outpoint: Outpoint;
  readonly spenderTxid: Txid;
}

/** What is needed to spend the output of a payment, and who keeps it. */
export interface PaymentKept {
  readonly derivation: PaymentDerivation;
  readonly lockingScript: Uint8Array;
  /** The organisation whose basket it comes into; undefined: nobody runs this gateway that could have one. */
  readonly treasury: string | undefined;
}

/** Of the organisation that runs the gateway. */
export const TREASURY_BASKET = 'treasury';

/** By which the outputs that were paid to one key of the gateway are found. */
export const tagOfPayee = (identityKey: string): string => `payee ${identityKey}`;

export interface PaymentTaken {
  readonly outpoint: Outpoint;
  readonly prefix: string;
  readonly satoshis: Satoshis;
  /** Whose account it is of, where that is neither who asks nor the key that paid. */
  readonly holder?: string;
  /** The price, where the terms were a ceiling; the rest goes to the account. */
  readonly charged?: Satoshis;
  /** Name and version of the plan that made the price. */
  readonly plan?: string;
  /** Undefined where the payment is in a block. */
  readonly exposure?: ExposureBounds;
  /** What the request counts as, when it is paid by this. */
  readonly uses?: readonly CounterUse[];
  readonly kept?: PaymentKept;
}

/** A use of one counter, in the COMMIT of what it is used for. */
export interface CounterUse {
  readonly organisation: string;
  readonly counter: string;
  readonly starts: Date;
  readonly ends: Date;
  readonly quantity: number;
  /** Undefined: counted, and not bounded. */
  readonly granted?: number;
}

/** What is drawn from the account of the organisation, in place of a payment. */
export interface AccountDraw {
  /** What it is for: nothing is drawn twice for one key. */
  readonly key: string;
  readonly satoshis: Satoshis;
  /** How far below zero the balance may go. */
  readonly creditLimit: Satoshis;
  /** Name and version of the plan that made the price. */
  readonly plan: string;
  readonly method: string;
  readonly path: string;
  readonly uses: readonly CounterUse[];
}

/** How much may be served for payments that the network has not accepted yet, in satoshis. */
export interface ExposureBounds {
  readonly payerMax?: Satoshis | undefined;
  readonly totalMax?: Satoshis | undefined;
}

export interface OfferTaken {
  readonly id: string;
  /** sha256 of the terms that were accepted. */
  readonly termsDigest: Uint8Array;
}

/** A certificate that the transition is allowed on. */
export interface Reliance {
  /** 32 bytes. */
  readonly certificateHash: Uint8Array;
  /** Undefined: it cannot be revoked. */
  readonly revocationOutpoint: Outpoint | undefined;
  /** The oldest answer that the policy takes; undefined, and any GOOD will do. */
  readonly goodSince: Date | undefined;
  /** The rule takes it where nobody can say whether it is revoked. */
  readonly mayBeUnknown: boolean;
}

/** The proposal that the transition consumes, and what is counted for it. */
export interface ProposalTaken {
  readonly id: string;
  readonly approvals: readonly CountedApproval[];
  /** Rules of the trust registry that approvals rest on: asked once more under lock. */
  readonly trust: readonly TrustReliance[];
}

export interface CountedApproval {
  readonly identityKey: string;
  readonly organisation: string;
  /** sha256 of the signed statement. */
  readonly statementHash: Uint8Array;
  /** Of the approval that was weighed; undefined: whichever stands. */
  readonly auditLeaf?: number;
}

export interface TrustReliance {
  /** Whose registry. */
  readonly registry: string;
  readonly rule: string;
}

/** Work for the relay. `payload.txid`, when there is one, ties the row to its transaction: a retraction cancels it. */
export interface OutboxMessage {
  readonly kind: string;
  readonly dedupeKey: string;
  readonly payload: { readonly txid?: Txid } & Readonly<Record<string, unknown>>;
}

export interface CommitInput {
  readonly transition: {
    /** UUID, made by the caller. */
    readonly id: string;
    readonly organisation: string;
    readonly identityKey: string;
    readonly requestId: string;
    readonly requestKey: string;
    /** 32 bytes. */
    readonly requestDigest: Uint8Array;
    readonly txid: Txid;
    readonly topics: readonly string[];
    /** Of the organisation, for this transaction. */
    readonly labels?: readonly string[];
    /** Kept with the transition, for lookup services that are told of it later. */
    readonly offChainValues?: Uint8Array;
    /** 32 bytes: of the policies that allowed it. */
    readonly policyVersion?: Uint8Array;
  };
  /** Subject, ancestors and the payment's graph. The same transaction may be named twice. */
  readonly transactions: readonly LedgerTransaction[];
  /** Every input of the subject, of the payment and of their unproven ancestors. */
  readonly spends: readonly Spend[];
  readonly topics: readonly PlannedTopic[];
  readonly baskets: { readonly add: readonly PlannedBasketOutput[] };
  readonly payment?: PaymentTaken;
  /** Instead of a payment. */
  readonly draw?: AccountDraw;
  /** The reservation that the subject consumes; without it, what is reserved for another identity of the organisation stays so. */
  readonly reservation?: string;
  /** The offer that the subject fulfils. */
  readonly offer?: OfferTaken;
  /** With it the COMMIT is that of the proposal. */
  readonly proposal?: ProposalTaken;
  /** Each asked once more under lock: who is revoked by now, or not known well enough, is refused. */
  readonly relies?: readonly Reliance[];
  readonly outbox: readonly OutboxMessage[];
  readonly leaf: Uint8Array;
  readonly receipt: Readonly<Record<string, unknown>>;
}

/** Stored and answered as JSON. The COMMIT adds `auditLeaf` (index) and `basketsRemoved` ({basket, outpoint}[], the organisation's own). */
export type Receipt = Readonly<Record<string, unknown>> & {
  readonly auditLeaf: number;
  readonly basketsRemoved: readonly { readonly basket: string; readonly outpoint: string }[];
};

export const writeTransactions = (transactions: readonly LedgerTransaction[]): unknown[] =>
  transactions.map(({ txid, raw, bump }) => ({
    txid: wireHex(txid),
    raw: hexOf(raw),
    ...(bump && { bump: hexOf(bump.bytes), root: wireHex(bump.root as Txid), height: bump.height }),
  }));

export const writeReliances = (relies: readonly Reliance[]): unknown[] =>
  relies.map(({ certificateHash, revocationOutpoint, goodSince, mayBeUnknown }) => ({
    certificate: hexOf(certificateHash),
    ...(revocationOutpoint !== undefined && { outpoint: hexOf(revocationOutpoint), mayBeUnknown }),
    ...(goodSince !== undefined && { goodSince: goodSince.toISOString() }),
  }));

export const writeProposal = ({ id, approvals, trust }: ProposalTaken): unknown => ({
  ...{ id, trust },
  approvals: approvals.map(({ identityKey, organisation, statementHash, auditLeaf }) => ({
    ...{ identityKey, organisation, statementHash: hexOf(statementHash), auditLeaf },
  })),
});

export const writeSpends = (spends: readonly Spend[]): unknown[] =>
  spends.map(({ outpoint, spenderTxid }) => ({
    outpoint: hexOf(outpoint),
    spender: wireHex(spenderTxid),
    printed: printOutpoint(outpoint),
  }));

export const writeOutbox = (messages: readonly OutboxMessage[]): unknown[] =>
  messages.map(({ kind, dedupeKey, payload }) => ({
    kind,
    dedupeKey,
    payload,
    ...(payload.txid !== undefined && { txid: wireHex(payload.txid) }),
  }));

const writePayment = ({ outpoint, prefix, satoshis, holder, kept }: PaymentTaken): unknown => ({
  outpoint: hexOf(outpoint),
  prefix,
  satoshis,
  ...(holder !== undefined && { holder }),
  ...(kept && { kept: writeKept(kept) }),
});

const writeKept = ({ derivation, lockingScript, treasury }: PaymentKept): unknown => ({
  ...{ instructions: writeInstructions(derivation), script: hexOf(lockingScript), treasury },
  ...{ basket: TREASURY_BASKET, tag: tagOfPayee(derivation.payee) },
});

/** Everything of a payment that the COMMIT is asked to take. */
export const writePaid = (payment: PaymentTaken): Readonly<Record<string, unknown>> => ({
  payment: writePayment(payment),
  ...(payment.charged !== undefined && { charged: payment.charged }),
  ...(payment.plan !== undefined && { plan: payment.plan }),
  ...(payment.exposure !== undefined && { exposure: payment.exposure }),
  ...(payment.uses !== undefined && payment.uses.length > 0 && { uses: payment.uses }),
});

export const writeDraw = ({ uses, ...draw }: AccountDraw): unknown => ({ ...draw, ...(uses.length > 0 && { uses }) });

/**
 * How long after the end of its terms a payment is served again. It may be taken in their last moment and its answer be lost; a caller who retries, waits
 * as `Retry-After` says, or starts again after a crash is through within minutes. Without an end one payment would read a route for ever.
 */
export const REPLAY_GRACE_MS = 600_000;
