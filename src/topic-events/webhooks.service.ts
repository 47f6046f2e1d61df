import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { accept, reject, type Result } from '#atomic-core';
import { closeWebhook, findWebhook, listWebhookIds, openWebhook, resumeWebhook, type Webhook } from '#ledger';
import { CONFIG, type Config } from '../config';
import { judgeDeliveryUrl } from '../egress';
import { KeyRing } from '../keys';
import { WEBHOOKS_OF_ONE_MAX } from './subscription-limits';
import { TopicReads } from './topic-reads.service';
import { printWebhookSecret } from './webhook-secret';

const opening = z.strictObject({ url: z.string(), after: z.int().min(-1).optional() });
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface WebhookView {
  readonly id: string;
  readonly topic: string;
  readonly url: string;
  /** `paused` after too many failures, `closed` when the receiver said 410; both until it is enabled. */
  readonly state: 'running' | 'paused' | 'closed';
  /** The last event that the receiver took. */
  readonly position: number;
  /** In a row. */
  readonly failures: number;
  readonly lastError: string | null;
  readonly retryAt: string | null;
  readonly createdAt: string;
}

export interface WebhookKey {
  readonly organisation: string;
  readonly topic: string;
  readonly id: string;
}

/** Subscriptions of an organisation that are told over HTTP. Other organisations' are not there for it. */
@Injectable()
export class Webhooks {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KeyRing) private readonly ring: KeyRing,
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(TopicReads) private readonly reads: TopicReads,
  ) {}

  /** With the secret, which is shown this once. */
  async open(organisation: string, topic: string, body: unknown): Promise<Result<WebhookView & { secret: string }>> {
    const asked = opening.safeParse(body);
    if (!asked.success) return reject('query-malformed', 'the body is an object with url and, if you like, after');
    const start = await this.reads.findStart(topic, asked.data.after);
    if (!start.ok) return start;
    const { url } = asked.data;
    const { webhookHosts: hosts, egressPrivateHosts: privateHosts } = this.config;
    const verdict = judgeDeliveryUrl(url, { hosts, privateHosts });
    if ('refusal' in verdict) return reject('subscription-refused', verdict.refusal);
    const key = { organisation, topic, id: randomUUID() };
    const isOpen = await openWebhook(this.database, {
      ...key,
      url,
      position: start.value,
      countMax: WEBHOOKS_OF_ONE_MAX,
    });
    if (!isOpen) return reject('subscriptions-busy', `Your organisation has ${WEBHOOKS_OF_ONE_MAX} webhooks.`);
    const opened = await this.find(key);
    const [secret] = this.ring.deriveWebhookSecrets(key.id);
    if (secret === undefined) throw new Error('No key of the gateway is in force.');
    return opened.ok ? accept({ ...opened.value, secret: printWebhookSecret(secret) }) : opened;
  }

  async list(organisation: string, topic: string): Promise<Result<WebhookView[]>> {
    const hosted = await this.reads.findStart(topic, -1);
    if (!hosted.ok) return hosted;
    const views: WebhookView[] = [];
    for (const id of await listWebhookIds(this.database, organisation, topic)) {
      const webhook = await this.find({ organisation, topic, id });
      // Deleted since its id was read.
      if (webhook.ok) views.push(webhook.value);
    }
    return accept(views);
  }

  async find(key: WebhookKey): Promise<Result<WebhookView>> {
    const webhook = ID.test(key.id) ? await findWebhook(this.database, key) : undefined;
    return webhook === undefined ? reject('subscription-unknown') : accept(writeWebhook(webhook));
  }

  /** Tried again at once, from where it stands. */
  async enable(key: WebhookKey): Promise<Result<WebhookView>> {
    const known = await this.find(key);
    if (!known.ok) return known;
    await resumeWebhook(this.database, key.organisation, key.id);
    return this.find(key);
  }

  /** What is under way may still arrive. */
  async close(key: WebhookKey): Promise<Result<WebhookView>> {
    const known = await this.find(key);
    if (!known.ok) return known;
    await closeWebhook(this.database, key.organisation, key.id);
    return accept({ ...known.value, state: 'closed' });
  }
}

function writeWebhook(webhook: Webhook): WebhookView {
  const { id, topic, url, position, failures, lastError, retryAt, createdAt, closed, state } = webhook;
  const stopped = closed ? 'closed' : 'paused';
  return {
    ...{ id, topic, url, position, failures },
    state: state === 'paused' ? stopped : 'running',
    lastError: lastError ?? null,
    retryAt: retryAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}
