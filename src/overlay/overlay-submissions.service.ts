import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import {
  accept,
  type Rejection,
  type Result,
  type Steak,
  type TopicManager,
  type TransitionPlan,
  type Txid,
  type VerifiedTransaction,
} from '#atomic-core';
import { findAdmittances, findReplay } from '#ledger';
import { isNobody, type Caller } from '../identity';
import { mediaTypeOf, refuse, unwrap } from '../ingress';
import { PaymentGate, type FundsTicket } from '../payments';
import type { PolicyGrant } from '../policies';
import { readRequest, Transitions, type SubmissionAnswer, type SubmissionRequest } from '../submissions';
import { HostedTopics } from '../topics';
import { VerificationService } from '../verification';
import { keepNothing } from './keep-nothing';
import { OverlayAccess } from './overlay-access';

/** The answer of BRC-22, by topic. */
export type OverlaySteak = Readonly<Record<string, Steak>>;

export interface OverlayAnswer {
  /** `elsewhere`: no topic is concerned, and nothing was changed. */
  readonly kind: SubmissionAnswer['kind'] | 'elsewhere';
  readonly steak: OverlaySteak;
  /** What was taken for it now. */
  readonly paid?: FundsTicket | undefined;
}

interface Asked {
  readonly caller: Caller;
  readonly asked: SubmissionRequest;
  readonly managers: readonly TopicManager[];
}

interface GrantedAsk extends Asked {
  readonly grant: PolicyGrant | undefined;
}

/** Others may apply the same transaction between our look and our COMMIT; whoever meets that for each of its topics sees them all the next time. */
const LOOKS_MAX = 4;
const NATIVE_ROUTE = { method: 'POST', path: '/v1/submissions' } as const;
const NOTHING: Steak = { outputsToAdmit: [], coinsToRetain: [], coinsRemoved: [] };

const UNCONCERNED: Rejection = { code: 'topic-refused', detail: 'no topic is concerned' };
const requireConcern = (plan: TransitionPlan): Result<TransitionPlan> =>
  plan.topics.length > 0 ? accept(plan) : { ok: false, rejection: UNCONCERNED };

const fillSteak = (topics: readonly string[], steak: OverlaySteak): OverlaySteak =>
  Object.fromEntries(topics.map((topic) => [topic, steak[topic] ?? NOTHING]));

const isEmpty = ({ outputsToAdmit, coinsToRetain, coinsRemoved }: Steak = NOTHING): boolean =>
  outputsToAdmit.length + coinsToRetain.length + coinsRemoved.length === 0;

/**
 * One submission as the overlay protocol has it: each topic takes a transaction once, whoever brings it, and whoever brings it again is told what was
 * admitted then. What is new of it goes the way of every submission and ends in the same COMMIT, all of its topics or none.
 */
@Injectable()
export class OverlaySubmissions {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(OverlayAccess) private readonly access: OverlayAccess,
    @Inject(HostedTopics) private readonly topics: HostedTopics,
    @Inject(PaymentGate) private readonly payments: PaymentGate,
    @Inject(VerificationService) private readonly verification: VerificationService,
    @Inject(Transitions) private readonly transitions: Transitions,
  ) {}

  /** The STEAK names every topic that was asked for, in the order of their names. */
  async submit(request: FastifyRequest): Promise<OverlayAnswer> {
    const order = this.readOrder(request);
    const { beef, topics } = order.asked.submission;
    // Before all else: what a topic admitted is not for those to hear who may not bring it anything.
    const grant = unwrap(await this.access.grant(request, topics));
    const graph = unwrap(await this.verification.read(beef));
    const { txid } = graph.subject;
    // What every topic has, or this very request was answered, is known without a proof and without a price.
    const known = await this.findKnown(order, txid);
    if (known !== undefined) return { kind: 'replayed', steak: fillSteak(topics, known) };
    // Anyone may bring for nothing what is for open topics alone; for any other this route costs what the native one costs.
    const isFree = topics.every((topic) => this.access.isOpen(topic));
    const payment = isFree ? undefined : unwrap(await this.payments.admit(request, 1, NATIVE_ROUTE));
    const transaction = unwrap(await this.verification.prove(graph));
    const { kind, steak } = unwrap(await this.apply({ ...order, grant }, transaction, payment));
    if (kind === 'applied') return { kind, steak: fillSteak(topics, steak), paid: payment };
    // Where nothing was committed nothing was taken.
    if (payment !== undefined) await this.payments.release(payment);
    return { kind, steak: fillSteak(topics, steak) };
  }

  private readOrder(request: FastifyRequest): Asked {
    // The JSON form is the native route's; here it would be a second meaning of the same bytes.
    if (mediaTypeOf(request) !== 'application/octet-stream')
      return refuse('media-type-unsupported', 'application/octet-stream');
    const read = unwrap(readRequest(request));
    const { topics } = read.submission;
    const caller = this.access.admitBuyer(request, topics);
    const managers = unwrap(this.topics.listTopics(topics));
    // An Idempotency-Key is no word of this protocol; without a name it would be everybody's.
    const asked = { ...read, requestKey: `overlay:${read.requestDigest.toString('hex')}` };
    return { caller, asked, managers: isNobody(caller) ? managers.map(keepNothing) : managers };
  }

  private async findKnown({ caller, asked }: Asked, txid: Txid): Promise<OverlaySteak | undefined> {
    const { requestKey, requestDigest, submission } = asked;
    const applied = await findAdmittances(this.database, txid, submission.topics);
    if (applied.size === submission.topics.length) return Object.fromEntries(applied);
    const replayed = unwrap(await findReplay(this.database, caller.organisation, requestKey, requestDigest));
    if (replayed === undefined) return undefined;
    const steak = replayed['admittance'] as OverlaySteak;
    // What was admitted and taken back since is admitted no longer, whatever was answered then.
    const stands = Object.keys(steak).every((topic) => isEmpty(steak[topic]) || applied.has(topic));
    return stands ? { ...steak, ...Object.fromEntries(applied) } : undefined;
  }

  /** What some topics have already is not theirs to judge again; the others are asked, and together they are one COMMIT. */
  private async apply(
    { caller, asked, managers, grant }: GrantedAsk,
    transaction: VerifiedTransaction,
    payment: FundsTicket | undefined,
  ): Promise<Result<OverlayAnswer>> {
    const { txid } = transaction.subject;
    const { topics } = asked.submission;
    let refused: Rejection | undefined;
    for (let look = 1; look <= LOOKS_MAX; look += 1) {
      const applied = await findAdmittances(this.database, txid, topics);
      const rest = managers.filter(({ name }) => !applied.has(name));
      if (rest.length === 0) return accept({ kind: 'replayed', steak: Object.fromEntries(applied) });
      const order = { caller, asked, transaction, managers: rest, payment, grant, elsewhere: 'skip' } as const;
      const outcome = await this.transitions.apply({ ...order, checkPlan: requireConcern });
      if (outcome.ok) {
        const { kind, receipt } = outcome.value;
        return accept({ kind, steak: { ...(receipt['admittance'] as OverlaySteak), ...Object.fromEntries(applied) } });
      }
      refused = outcome.rejection;
      // None of them is concerned, and nothing stands in the way: that is an answer, and nothing is stored or sent for it.
      if (refused === UNCONCERNED) return accept({ kind: 'elsewhere', steak: Object.fromEntries(applied) });
      if (refused.code !== 'already-applied') return outcome;
    }
    return { ok: false, rejection: refused as Rejection };
  }
}
