import { z } from 'zod';
import type { Operation } from '../operation';
import { verificationProblems } from '../problems';
import { lookupAnswer } from './lookup';

const json = 'application/json';
const octets = 'application/octet-stream';
const indexes = z.array(z.int().min(0));
const steak = z.record(
  z.string(),
  z.object({
    outputsToAdmit: indexes.describe('vouts that the topic admitted'),
    coinsToRetain: indexes.describe('Inputs whose coins the topic keeps as history'),
    coinsRemoved: indexes.describe('Inputs whose coins left the topic'),
  }),
);
const metadata = z.record(
  z.string(),
  z.object({
    name: z.string(),
    shortDescription: z.string(),
    iconURL: z.string().optional(),
    version: z.string().optional(),
    informationURL: z.string().optional(),
  }),
);
const named = (name: string, what: string) =>
  [{ name, in: 'query', description: `Name of the ${what}`, schema: z.string().max(50) }] as const;
const documentation = {
  200: { description: 'Markdown', contents: [{ mediaType: 'text/markdown', schema: z.string() }] },
} as const;
const described = (text: string) =>
  ({ 200: { description: text, contents: [{ mediaType: json, schema: metadata, example: {} }] } }) as const;

/** As `overlay-express` speaks them. */
export const overlayPaths: readonly Operation[] = [
  {
    method: 'post',
    path: '/submit',
    operationId: 'submitOverlay',
    tag: 'overlay',
    summary: 'Submit a transaction to topics (BRC-22)',
    description: `Answered after the COMMIT of all topics; a transaction that a topic has already is answered with what was admitted then. With
\`x-includes-off-chain-values: true\` the octets are a varint length, the BEEF and the values. \`AuthFetch\` sends \`x-bsv-topics\` and
\`x-bsv-includes-off-chain-values\` in place of the common spellings.`,
    access: 'overlay',
    parameters: [
      { name: 'x-topics', in: 'header', description: 'JSON array of topic names', schema: z.string(), required: true },
      {
        name: 'x-includes-off-chain-values',
        in: 'header',
        description: '`true` where values follow the BEEF',
        schema: z.enum(['true', 'false']),
      },
    ],
    body: [{ mediaType: octets }],
    answers: {
      200: {
        description: 'The STEAK. A topic that the transaction does not concern has three empty lists.',
        contents: [
          {
            mediaType: json,
            schema: steak,
            example: { tm_documents: { outputsToAdmit: [0], coinsToRetain: [], coinsRemoved: [] } },
          },
        ],
      },
    },
    problems: [
      ...verificationProblems,
      'media-type-unsupported',
      'topics-malformed',
      'topic-unknown',
      'topic-refused',
      'proposal-required',
      'topic-failed',
      'topic-unavailable',
      'output-reserved',
      'outpoint-spent',
      'parent-retracted',
      'coins-changed',
      'already-applied',
      'chain-unsettled',
      'verification-busy',
      'database-unavailable',
    ],
  },
  {
    method: 'post',
    path: '/lookup',
    operationId: 'lookUpOverlay',
    tag: 'overlay',
    summary: 'Ask a lookup service (BRC-24)',
    description: `With \`X-Aggregation: yes\` a list of outputs is octets: varint count, for each output txid, varint vout, varint length and context, then
one BEEF of them all.`,
    access: 'overlay',
    parameters: [
      { name: 'x-aggregation', in: 'header', description: '`yes` for the binary form', schema: z.literal('yes') },
    ],
    body: [
      {
        mediaType: json,
        schema: z.looseObject({ service: z.string(), query: z.unknown() }),
        example: { service: 'ls_ship', query: { topics: ['tm_documents'] } },
      },
    ],
    answers: {
      200: {
        description: 'The outputs that are unspent now, each with its BEEF.',
        contents: [
          { mediaType: json, schema: lookupAnswer, example: { type: 'output-list', outputs: [] } },
          { mediaType: octets },
        ],
      },
    },
    problems: [
      'media-type-unsupported',
      'lookup-unknown',
      'lookup-failed',
      'query-malformed',
      'chain-unsettled',
      'database-unavailable',
    ],
  },
  {
    method: 'get',
    path: '/listTopicManagers',
    operationId: 'listTopicManagers',
    tag: 'overlay',
    summary: 'The topics that the caller may submit to',
    access: 'overlay',
    answers: described('What each says of itself, by name.'),
    problems: ['database-unavailable'],
  },
  {
    method: 'get',
    path: '/listLookupServiceProviders',
    operationId: 'listLookupServiceProviders',
    tag: 'overlay',
    summary: 'The lookup services that the caller may ask',
    access: 'overlay',
    answers: described('What each says of itself, by name.'),
    problems: ['database-unavailable'],
  },
  {
    method: 'get',
    path: '/getDocumentationForTopicManager',
    operationId: 'getDocumentationForTopicManager',
    tag: 'overlay',
    summary: 'The rules of a topic',
    access: 'overlay',
    parameters: named('manager', 'topic'),
    answers: documentation,
    problems: ['database-unavailable'],
  },
  {
    method: 'get',
    path: '/getDocumentationForLookupServiceProvider',
    operationId: 'getDocumentationForLookupServiceProvider',
    tag: 'overlay',
    summary: 'What a lookup service answers',
    access: 'overlay',
    parameters: named('lookupService', 'lookup service'),
    answers: documentation,
    problems: ['database-unavailable'],
  },
];
