import { z } from 'zod';
import type { Operation } from '../operation';

const report = z.object({ ok: z.boolean(), detail: z.string() });
const status = z.enum(['ok', 'error']);
const readiness = z.object({
  status,
  live: z.literal(true),
  ready: z.boolean(),
  checks: z.record(z.string(), report),
});
const overlayHealth = z.object({
  status,
  live: z.literal(true),
  ready: z.boolean(),
  service: z.object({
    name: z.string(),
    advertisableFQDN: z.string(),
    port: z.int(),
    network: z.enum(['main', 'test']),
    startedAt: z.iso.datetime(),
    uptimeMs: z.int(),
    topicManagerCount: z.int(),
    lookupServiceCount: z.int(),
  }),
  checks: z.array(
    z.object({
      name: z.string(),
      scope: z.literal('ready'),
      status,
      critical: z.literal(true),
      message: z.string(),
    }),
  ),
});

export const operationsPaths: readonly Operation[] = [
  {
    method: 'get',
    path: '/health/live',
    operationId: 'checkLive',
    tag: 'operations',
    summary: 'Whether the process answers',
    access: 'open',
    answers: {
      200: {
        description: 'It does.',
        contents: [
          {
            mediaType: 'application/json',
            schema: z.object({ status: z.literal('ok'), live: z.literal(true) }),
            example: { status: 'ok', live: true },
          },
        ],
      },
    },
    problems: [],
  },
  {
    method: 'get',
    path: '/health/ready',
    operationId: 'checkReady',
    tag: 'operations',
    summary: 'Whether it can serve, with the reason for each part',
    access: 'open',
    answers: {
      200: {
        description: 'Every part is well.',
        contents: [
          {
            mediaType: 'application/json',
            schema: readiness,
            example: {
              status: 'ok',
              live: true,
              ready: true,
              checks: { database: { ok: true, detail: 'answers in 1 ms' } },
            },
          },
        ],
      },
      503: {
        description: 'A part is not; `checks` says which and why.',
        contents: [{ mediaType: 'application/json', schema: readiness }],
        headers: { 'retry-after': 'Seconds to wait' },
      },
    },
    problems: [],
  },
  {
    method: 'get',
    path: '/health',
    operationId: 'checkHealth',
    tag: 'operations',
    summary: 'The same, and what is hosted, in the form of overlay-express',
    access: 'open',
    answers: {
      200: {
        description: 'Every part is well.',
        contents: [{ mediaType: 'application/json', schema: overlayHealth }],
      },
      503: {
        description: 'A part is not; `checks` says which and why.',
        contents: [{ mediaType: 'application/json', schema: overlayHealth }],
        headers: { 'retry-after': 'Seconds to wait' },
      },
    },
    problems: [],
  },
  {
    method: 'get',
    path: '/openapi.json',
    operationId: 'getOpenApi',
    tag: 'operations',
    summary: 'This document',
    access: 'open',
    answers: {
      200: { description: 'OpenAPI 3.1', contents: [{ mediaType: 'application/json', schema: z.looseObject({}) }] },
    },
    problems: [],
  },
  {
    method: 'get',
    path: '/docs',
    operationId: 'readDocs',
    tag: 'operations',
    summary: 'This document as a page',
    access: 'open',
    answers: {
      200: { description: 'HTML without scripts', contents: [{ mediaType: 'text/html', schema: z.string() }] },
    },
    problems: [],
  },
];
