import { z } from 'zod';
import type { Operation } from '../operation';

const report = z.object({ ok: z.boolean(), detail: z.string() });
const readiness = z.object({ ready: z.boolean(), checks: z.record(z.string(), report) });

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
          { mediaType: 'application/json', schema: z.object({ live: z.literal(true) }), example: { live: true } },
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
            example: { ready: true, checks: { database: { ok: true, detail: 'answers in 1 ms' } } },
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
