import type { DataSource } from 'typeorm';
import {
  advanceFeed,
  beginDelivery,
  claimFeed,
  deferFeed,
  listTopicEvents,
  readWebhook,
  releaseFeed,
  stopWebhook,
  type FeedLease,
  type TopicEvent,
  type Webhook,
} from '#ledger';
import type { HttpClient } from '#ports';
import { judgeDeliveryUrl, type AllowedOrigin } from '../egress';
import type { Log } from '../telemetry';
import { retryPauseMs } from './retry-pause';
import { signWebhook } from './sign-webhook';
import {
  DELIVERY_ANSWER_BYTES_MAX,
  DELIVERY_FAILURES_MAX,
  DELIVERY_LEASE_MS,
  DELIVERY_MS_MAX,
  TURN_MS_MAX,
} from './subscription-limits';

export interface DeliveryContext {
  readonly database: DataSource;
  readonly log: Pick<Log, 'write'>;
  /** Of a subscription, by its id; one for each key that is in force. */
  deriveSecrets(subscriptionId: string): readonly Uint8Array[];
  readonly hosts: readonly string[];
  readonly privateHosts: readonly string[];
  /** A client that reaches this origin and no other. */
  openClient(origin: AllowedOrigin): HttpClient;
  countDelivery(outcome: 'taken' | 'failed'): void;
  readonly stopping: AbortSignal;
}

type Outcome = { readonly kind: 'taken' } | { readonly kind: 'failed' | 'closed'; readonly reason: string };

const PAGE_EVENTS = 32;
const GONE = 410;

/**
 * One turn of one subscription: its next events one after the other, the next only when the one before was taken. Whoever loses the lease says nothing
 * more: another has it, and tells the same event under the same id.
 */
export const deliverWebhook = async (context: DeliveryContext, name: string): Promise<void> => {
  const { database } = context;
  const lease = await claimFeed(database, name, DELIVERY_LEASE_MS);
  if (lease === undefined) return;
  const turnEnds = performance.now() + TURN_MS_MAX;
  const isOver = (): boolean => context.stopping.aborted || performance.now() > turnEnds;
  const webhook = readWebhook(lease);
  let { position: after, failures } = lease;
  while (!isOver()) {
    const events = await listTopicEvents(database, { topic: webhook.topic, after, limit: PAGE_EVENTS });
    if (events.length === 0) break;
    for (const event of events) {
      if (isOver()) break;
      if (!(await beginDelivery(database, lease, 0))) return;
      const outcome = await send(context, webhook, event);
      // Cut off by the stop: nobody's failure.
      if (outcome.kind !== 'taken' && context.stopping.aborted) break;
      context.countDelivery(outcome.kind === 'taken' ? 'taken' : 'failed');
      if (outcome.kind !== 'taken') return settleFailure(context, { ...lease, failures }, outcome);
      if (!(await advanceFeed(database, lease, { position: event.position, step: 0 }))) return;
      after = event.position;
      failures = 0;
    }
  }
  await releaseFeed(database, lease);
};

const send = async (context: DeliveryContext, { id, url }: Webhook, event: TopicEvent): Promise<Outcome> => {
  // Judged each time: what the operator allows may have changed since the subscription was opened.
  const verdict = judgeDeliveryUrl(url, { hosts: context.hosts, privateHosts: context.privateHosts });
  if ('refusal' in verdict) return { kind: 'failed', reason: verdict.refusal };
  const secrets = context.deriveSecrets(id);
  const nowSeconds = Math.floor(Date.now() / 1000);
  const message = signWebhook({ subscriptionId: id, event, secrets, nowSeconds });
  const limits = { timeoutMs: DELIVERY_MS_MAX, answerBytesMax: DELIVERY_ANSWER_BYTES_MAX };
  try {
    const client = context.openClient(verdict.origin);
    const { status } = await client.send({ method: 'POST', url, ...message, ...limits }, context.stopping);
    if (status >= 200 && status < 300) return { kind: 'taken' };
    return { kind: status === GONE ? 'closed' : 'failed', reason: `the receiver answered ${status}` };
  } catch (error) {
    // The subscriber is not told why: that may name addresses of this network.
    context.log.write('warn', 'a webhook was not delivered', { webhook: id, position: event.position, error });
    return { kind: 'failed', reason: 'the receiver cannot be reached, or did not answer in time' };
  }
};

const settleFailure = async (
  { database, log }: DeliveryContext,
  lease: FeedLease,
  { kind, reason }: Exclude<Outcome, { kind: 'taken' }>,
): Promise<void> => {
  const failures = lease.failures + 1;
  if (kind !== 'closed' && failures < DELIVERY_FAILURES_MAX) {
    await deferFeed(database, lease, retryPauseMs(failures), reason);
    return;
  }
  await stopWebhook(database, lease, { reason, closed: kind === 'closed' });
  log.write('warn', 'a webhook is stopped until it is enabled', { webhook: lease.name, reason, failures });
};
