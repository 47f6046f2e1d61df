import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  accept,
  checkExchange,
  isTopicName,
  limits,
  readTags,
  reject,
  type BasketPlacement,
  type Result,
  type TopicManager,
} from '#atomic-core';
import { findReplay, type Offer } from '#ledger';
import { z } from 'zod';
import type { Caller } from '../identity';
import type { FundsTicket } from '../payments';
import type { CallerPolicies } from '../policies';
import { Transitions, decodeBeefText, type Submission, type SubmissionAnswer } from '../submissions';
import { withSpan } from '../telemetry';
import { HostedTopics } from '../topics';
import { VerificationService } from '../verification';
import { OffersService } from './offers.service';
import type { RequestName } from './read-key';

export const acceptanceBody = z.strictObject({
  beef: z.string(),
  assetVout: z.int().min(0),
  basket: z.string(),
  tags: z.array(z.string()).max(limits.BASKET_TAGS_MAX).optional(),
  customInstructions: z.string().optional(),
  labels: z.array(z.string()).max(limits.BASKET_TAGS_MAX).optional(),
  termsDigest: z.string().regex(/^[0-9a-f]{64}$/),
  topics: z.array(z.string().refine(isTopicName)).max(limits.SUBMISSION_TOPICS_MAX).optional(),
});
type AcceptanceBody = z.output<typeof acceptanceBody>;

export interface AcceptanceOrder {
  /** Of the offer. */
  readonly id: string;
  readonly body: AcceptanceBody;
  readonly name: RequestName;
  /** Of the caller: the topics that judge the exchange are its to submit to. */
  readonly policies: CallerPolicies;
  /** Asked when everything that can be refused for nothing has been. */
  readonly pay: () => Promise<Result<FundsTicket | undefined>>;
}

/** The other half of an exchange: asset and payment change sides in one transaction and one COMMIT, or nothing does. */
@Injectable()
export class AcceptancesService {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(OffersService) private readonly offers: OffersService,
    @Inject(HostedTopics) private readonly topics: HostedTopics,
    @Inject(VerificationService) private readonly verification: VerificationService,
    @Inject(Transitions) private readonly transitions: Transitions,
  ) {}

  async take(caller: Caller, { id, body, name, policies, pay }: AcceptanceOrder): Promise<Result<SubmissionAnswer>> {
    const found = await this.offers.find(caller, id);
    if (!found.ok) return found;
    const offer = found.value;
    // The same acceptance again gets the same receipt, although the offer is taken by now.
    const replayed = await findReplay(this.database, caller.organisation, name.requestKey, name.requestDigest);
    if (!replayed.ok) return replayed;
    if (replayed.value !== undefined) return accept({ kind: 'replayed', receipt: replayed.value });
    if (body.termsDigest !== offer.termsDigest.toString('hex')) return reject('offer-altered');
    if (offer.state !== 'open') return reject('offer-ended', `it is ${offer.state}`);
    const asked = this.readAsked(body, offer);
    if (!asked.ok) return asked;
    const { submission, managers } = asked.value;
    const grant = await policies.admit(submission.topics);
    if (!grant.ok) return grant;
    const { beef } = submission;
    const verified = await withSpan('verify', { bytes: beef.length }, () => this.verification.verify(beef));
    if (!verified.ok) return verified;
    const exchange = checkExchange(verified.value, offer, body.assetVout);
    if (!exchange.ok) return exchange;
    const payment = await pay();
    if (!payment.ok) return payment;
    const { assetVout, paymentVout } = exchange.value;
    const baskets = new Map<number, BasketPlacement>([
      [assetVout, readPlace(body)],
      [paymentVout, { basket: offer.price.basket, organisation: offer.organisation }],
    ]);
    return this.transitions.apply({
      caller,
      asked: { ...name, submission: { ...submission, baskets } },
      transaction: verified.value,
      managers,
      payment: payment.value,
      grant: grant.value,
      offer: { id, termsDigest: offer.termsDigest },
      keeps: 'any',
    });
  }

  /** All that can be refused before a question or a script is spent on the transaction. */
  private readAsked(
    body: AcceptanceBody,
    { asset }: Offer,
  ): Result<{ readonly submission: Submission; readonly managers: readonly TopicManager[] }> {
    const beef = decodeBeefText(body.beef);
    if (!beef.ok) return beef;
    const labels = readTags(body.labels ?? []);
    if (!labels.ok) return labels;
    // The topic that the asset lives in judges its move, whether the buyer thinks of it or not.
    const named = new Set([...(body.topics ?? []), ...(asset.topic === undefined ? [] : [asset.topic])]);
    const topics = [...named].sort();
    const managers = this.topics.listTopics(topics);
    if (!managers.ok) return managers;
    const submission: Submission = {
      ...{ beef: beef.value, topics, labels: labels.value },
      ...{ baskets: new Map(), mode: 'current-tx' },
    };
    return accept({ submission, managers: managers.value });
  }
}

const readPlace = ({ basket, tags, customInstructions }: AcceptanceBody): BasketPlacement => ({
  basket,
  ...(tags && { tags }),
  ...(customInstructions !== undefined && { customInstructions }),
});
