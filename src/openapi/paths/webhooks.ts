import { z } from 'zod';
import type { Operation } from '../operation';
import { position, topicParameter } from './topics';

const json = 'application/json';
const webhook = z.object({
  id: z.uuid(),
  topic: z.string(),
  url: z.url(),
  state: z
    .enum(['running', 'paused', 'closed'])
    .describe('`paused` after 30 failures in a row, `closed` when the receiver answered 410; both until it is enabled'),
  position: position.describe('The last event that the receiver took'),
  failures: z.int().min(0).describe('In a row'),
  lastError: z.string().nullable(),
  retryAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});
const EXAMPLE = {
  id: '9b2d3c1e-57a4-4c55-8f0e-0d6c2b7b4a10',
  topic: 'tm_documents',
  url: 'https://hooks.example/portcullis',
  state: 'running',
  position: 7,
  failures: 0,
  ...{ lastError: null, retryAt: null },
  createdAt: '2026-11-21T12:00:00.000Z',
};
const id = { name: 'id', in: 'path', description: 'Id of the subscription', schema: z.uuid() } as const;
const one = (description: string) => ({
  200: { description, contents: [{ mediaType: json, schema: webhook, example: EXAMPLE }] },
});

export const webhooksPaths: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/topics/{topic}/webhooks',
    operationId: 'openWebhook',
    tag: 'webhooks',
    summary: 'Have the events of a topic delivered to an address',
    description: `As Standard Webhooks: \`POST\` with \`webhook-id\`, \`webhook-timestamp\` and \`webhook-signature\`, body \`{type, timestamp, data}\` with an event as \`data\` and
\`topic.applied\`, \`topic.retracted\` or \`topic.evicted\` as \`type\`. In order, the next only when the one before was answered 2xx; an event may come twice, always under the
same \`webhook-id\`. Only to https hosts that the operator allows. The secret is shown this once.`,
    access: 'brc-103',
    people: true,
    parameters: [topicParameter],
    body: [
      {
        mediaType: json,
        schema: z.strictObject({
          url: z.url(),
          after: position.optional().describe('The first event told is the one after it; from now on unless told'),
        }),
        example: { url: EXAMPLE.url },
      },
    ],
    answers: {
      201: {
        description: 'It is told from now on.',
        contents: [
          {
            mediaType: json,
            schema: webhook.extend({ secret: z.string().regex(/^whsec_[A-Za-z0-9+/]{43}=$/u) }),
            example: { ...EXAMPLE, secret: `whsec_${'A'.repeat(43)}=` },
          },
        ],
      },
    },
    problems: [
      'media-type-unsupported',
      'topic-unknown',
      'query-malformed',
      'subscription-refused',
      'subscriptions-busy',
    ],
  },
  {
    method: 'get',
    path: '/v1/topics/{topic}/webhooks',
    operationId: 'listWebhooks',
    tag: 'webhooks',
    summary: 'The webhooks of your organisation',
    access: 'brc-103',
    people: true,
    parameters: [topicParameter],
    answers: {
      200: {
        description: 'From the oldest.',
        contents: [
          { mediaType: json, schema: z.object({ webhooks: z.array(webhook) }), example: { webhooks: [EXAMPLE] } },
        ],
      },
    },
    problems: ['topic-unknown'],
  },
  {
    method: 'get',
    path: '/v1/topics/{topic}/webhooks/{id}',
    operationId: 'findWebhook',
    tag: 'webhooks',
    summary: 'Where a webhook stands',
    access: 'brc-103',
    people: true,
    parameters: [topicParameter, id],
    answers: one('It stands here.'),
    problems: ['subscription-unknown'],
  },
  {
    method: 'delete',
    path: '/v1/topics/{topic}/webhooks/{id}',
    operationId: 'closeWebhook',
    tag: 'webhooks',
    summary: 'End a webhook',
    access: 'brc-103',
    people: true,
    parameters: [topicParameter, id],
    answers: one('It is gone. What was under way may still arrive.'),
    problems: ['subscription-unknown'],
  },
  {
    method: 'post',
    path: '/v1/topics/{topic}/webhooks/{id}/enable',
    operationId: 'enableWebhook',
    tag: 'webhooks',
    summary: 'Try a webhook again, at once and from where it stands',
    access: 'brc-103',
    people: true,
    parameters: [topicParameter, id],
    answers: one('It is tried.'),
    problems: ['subscription-unknown'],
  },
];
