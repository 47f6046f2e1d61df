import { createHmac } from 'node:crypto';
import type { TopicEvent } from '#ledger';
import { writeEvent } from './write-event';

export interface WebhookMessage {
  readonly subscriptionId: string;
  readonly event: TopicEvent;
  /** Each signs: whoever was given any of them can verify. */
  readonly secrets: readonly Uint8Array[];
  readonly nowSeconds: number;
}

export interface SignedWebhook {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * One event as a Standard Webhook. The id is that of event and subscription: every repeat has the same, and a receiver that has seen it before has seen
 * the event. Time and signature are those of the attempt, so that an old message cannot be shown again.
 */
export const signWebhook = ({ subscriptionId, event, secrets, nowSeconds }: WebhookMessage): SignedWebhook => {
  const id = `msg_${subscriptionId}_${event.position}`;
  const data = writeEvent(event);
  const body = JSON.stringify({ type: `topic.${event.kind}`, timestamp: data.at, data });
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', secret).update(`${id}.${nowSeconds}.${body}`).digest('base64')}`,
  );
  return {
    headers: {
      'content-type': 'application/json',
      'user-agent': 'portcullis',
      'webhook-id': id,
      'webhook-timestamp': String(nowSeconds),
      'webhook-signature': signatures.join(' '),
    },
    body,
  };
};
