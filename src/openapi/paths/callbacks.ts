import { z } from 'zod';
import type { Operation } from '../operation';
import { txid } from './schemas';

const hint = z.looseObject({ txid, merklePath: z.string().optional().describe('BUMP (BRC-74) in hex') });
const batch = z.looseObject({ callbacks: z.array(hint).max(50) });

export const callbacksPaths: readonly Operation[] = [
  {
    method: 'post',
    path: '/callbacks/arc',
    operationId: 'takeCallback',
    tag: 'callbacks',
    summary: 'What an ARC broadcaster reports',
    description: 'A hint, never a fact: a path settles only when it verifies against our own headers.',
    access: 'callback-token',
    body: [{ mediaType: 'application/json', schema: z.union([hint, batch]) }],
    answers: {
      200: {
        description: 'Taken.',
        contents: [{ mediaType: 'application/json', schema: z.object({ status: z.string(), message: z.string() }) }],
      },
    },
    problems: ['callback-unauthorised', 'database-unavailable'],
  },
];
