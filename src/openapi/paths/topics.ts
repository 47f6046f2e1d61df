import { z } from 'zod';
import type { Operation } from '../operation';
import { EXAMPLE_TXID, txid } from './schemas';

const json = 'application/json';
export const topicParameter = {
  name: 'topic',
  in: 'path',
  description: 'Name of a topic that this gateway hosts',
  schema: z.string().regex(/^tm_[a-z_]+$/u),
} as const;
export const position = z
  .int()
  .min(-1)
  .describe('Index of a leaf of the audit log; of one topic each is greater than the one before. -1 before the first');
const outpoint = z
  .string()
  .regex(/^[0-9a-f]{64}\.\d+$/u)
  .describe('`<txid>.<vout>`');
const count = z.int().min(0);
const after = 'Position of the last event that you know; -1 for all from the first. From now on unless told';

const topicState = z.object({
  topic: z.string(),
  metadata: z.looseObject({ name: z.string(), shortDescription: z.string() }),
  admitted: count.describe('Outputs that were admitted and not taken back'),
  unspent: count,
  retained: count.describe('Spent, and kept as history of what spent them'),
  satoshis: count.describe('Of the unspent outputs'),
  transitions: count,
  tip: z.object({ position, txid, at: z.iso.datetime() }).nullable().describe('The last event'),
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/u)
    .describe('Of the whole state: two gateways with the same digest hold the same outputs'),
});
export const topicEvent = z.object({
  topic: z.string(),
  position,
  kind: z.enum(['applied', 'retracted', 'evicted']),
  txid,
  admitted: z.array(outpoint).describe('Admitted; of a retraction taken back; evicted'),
  spent: z
    .array(z.object({ outpoint, retained: z.boolean(), spender: txid.optional() }))
    .describe('Coins of the topic that it spent; of a retraction given back'),
  at: z.iso.datetime(),
});
const outputsPage = z.object({
  topic: z.string(),
  outputs: z.array(
    z.object({
      outpoint,
      satoshis: count,
      spentBy: txid.nullable(),
      retained: z.boolean(),
      lockingScript: z.string().optional().describe('Hex; with `include`'),
      beef: z
        .string()
        .nullable()
        .optional()
        .describe('Atomic BEEF, base64; null while an ancestor waits for its proof'),
    }),
  ),
  next: outpoint.nullable().describe('Give it as `after` for the next page; null on the last'),
});
const EXAMPLE_STATE = {
  topic: 'tm_documents',
  metadata: { name: 'tm_documents', shortDescription: 'Documents' },
  ...{ admitted: 2, unspent: 1, retained: 0, satoshis: 1, transitions: 2 },
  tip: { position: 7, txid: EXAMPLE_TXID, at: '2026-11-21T12:00:00.000Z' },
  digest: '5f'.repeat(32),
};
export const EXAMPLE_EVENT = {
  ...{ topic: 'tm_documents', position: 7, kind: 'applied', txid: EXAMPLE_TXID },
  ...{ admitted: [`${EXAMPLE_TXID}.0`], spent: [], at: '2026-11-21T12:00:00.000Z' },
};
const EXAMPLE_STREAM = `id: 6
event: ready
data: {"topic":"tm_documents","position":6}

id: 7
event: applied
data: ${JSON.stringify(EXAMPLE_EVENT)}

: alive

`;

export const topicsPaths: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/topics',
    operationId: 'listTopics',
    tag: 'topics',
    summary: 'The topics that this gateway hosts, with their state',
    access: 'brc-103',
    people: true,
    answers: {
      200: {
        description: 'Every topic, by name.',
        contents: [
          {
            mediaType: json,
            schema: z.object({ topics: z.array(topicState) }),
            example: { topics: [EXAMPLE_STATE] },
          },
        ],
      },
    },
    problems: [],
  },
  {
    method: 'get',
    path: '/v1/topics/{topic}',
    operationId: 'findTopic',
    tag: 'topics',
    summary: 'Counts, tip and digest of one topic',
    access: 'brc-103',
    people: true,
    parameters: [topicParameter],
    answers: {
      200: {
        description: 'Its state now.',
        contents: [{ mediaType: json, schema: topicState, example: EXAMPLE_STATE }],
      },
    },
    problems: ['topic-unknown'],
  },
  {
    method: 'get',
    path: '/v1/topics/{topic}/outputs',
    operationId: 'listTopicOutputs',
    tag: 'topics',
    summary: 'Outputs of a topic, a page at a time',
    description:
      'In the order of their bytes. A topic is shared by all who submit to it: nothing here says who they are.',
    access: 'brc-103',
    people: true,
    parameters: [
      topicParameter,
      {
        name: 'state',
        in: 'query',
        description: 'As the topic has it; `spent` is spent and not retained. `unspent` unless told',
        schema: z.enum(['unspent', 'spent', 'retained', 'all']),
      },
      { name: 'txid', in: 'query', description: 'Of this transaction', schema: txid },
      { name: 'key', in: 'query', description: 'Found by this lookup key', schema: z.string().max(160) },
      { name: 'after', in: 'query', description: '`next` of the page before', schema: outpoint },
      {
        name: 'limit',
        in: 'query',
        description: 'At most so many, 100 unless told; with `beef` never more than 50, and 4 MiB end a page',
        schema: z.int().min(1).max(1_000),
      },
      {
        name: 'include',
        in: 'query',
        description: '`scripts` adds locking scripts, `beef` also the transactions',
        schema: z.enum(['scripts', 'beef']),
      },
    ],
    answers: {
      200: {
        description: 'The outputs.',
        contents: [
          { mediaType: json, schema: outputsPage, example: { topic: 'tm_documents', outputs: [], next: null } },
        ],
      },
    },
    problems: ['topic-unknown', 'query-malformed'],
  },
  {
    method: 'get',
    path: '/v1/topics/{topic}/events',
    operationId: 'listTopicEvents',
    tag: 'topics',
    summary: 'What happened to a topic: as a stream, or a page at a time',
    description: `Each event is a committed transition, retraction or eviction, in the order of COMMITs; none is told before its COMMIT and none is left out.
With \`Accept: text/event-stream\` a stream of server-sent events, which resumes by \`Last-Event-ID\`; otherwise a page. Of a stream the head is signed (BRC-104, as an
answer with an empty body), with where it begins in \`x-bsv-event-stream\`; the events that follow are not, and each names its leaf of the audit log. For people
and machines without a key nothing is signed, here as elsewhere.

With \`Upgrade: websocket\` (version 13, no subprotocol) the same events over a WebSocket, under the same rules: a message is one event, the JSON of a page, after a first
\`{topic, position, kind: "ready"}\`. A cookie needs our own \`Origin\`. Nothing is read from the subscriber: 1003 for a message, 1009 for a large one. 1001 asks to resume, 1008 says that
the session, the certificate or the right to read is over.`,
    access: 'brc-103',
    people: true,
    parameters: [
      topicParameter,
      { name: 'after', in: 'query', description: after, schema: position },
      {
        name: 'limit',
        in: 'query',
        description: 'Events of a page, 100 unless told',
        schema: z.int().min(1).max(1_000),
      },
      {
        name: 'Last-Event-ID',
        in: 'header',
        description: 'Goes before `after`; as `x-bsv-last-event-id` it is signed',
        schema: position,
      },
    ],
    answers: {
      101: {
        description: 'The events after a position, over a WebSocket. Signed like the head of a stream.',
        contents: [],
        headers: { 'x-bsv-event-stream': 'The topic, and the position that it begins after' },
      },
      200: {
        description: 'The events after a position.',
        contents: [
          {
            mediaType: json,
            schema: z.object({ topic: z.string(), events: z.array(topicEvent), next: position }),
            example: { topic: 'tm_documents', events: [EXAMPLE_EVENT], next: 7 },
          },
          { mediaType: 'text/event-stream', schema: z.string(), example: EXAMPLE_STREAM },
        ],
        headers: { 'x-bsv-event-stream': 'Of a stream: the topic, and the position that it begins after' },
      },
    },
    problems: ['topic-unknown', 'query-malformed', 'header-duplicated', 'subscriptions-busy'],
  },
];
