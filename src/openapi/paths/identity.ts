import { z } from 'zod';
import type { Operation } from '../operation';
import { EXAMPLE_KEY, publicKey } from './schemas';

const initialRequest = z.object({
  version: z.literal('0.1'),
  messageType: z.literal('initialRequest'),
  identityKey: publicKey,
  initialNonce: z.string().describe('Base64'),
});
const initialResponse = z.looseObject({
  version: z.literal('0.1'),
  messageType: z.literal('initialResponse'),
  identityKey: publicKey.describe("The gateway's key"),
  initialNonce: z.string().describe("The gateway's session nonce"),
  yourNonce: z.string().describe('The nonce of the request'),
  signature: z.array(z.int().min(0).max(255)).describe('DER'),
});
const identityView = z.object({ identityKey: publicKey, organisation: z.string(), gatewayIdentityKey: publicKey });

export const identityPaths: readonly Operation[] = [
  {
    method: 'post',
    path: '/.well-known/auth',
    operationId: 'shakeHands',
    tag: 'identity',
    summary: 'Open a session (BRC-103)',
    description:
      'Clients do this through `AuthFetch`. A session proves nothing about its opener: each later request is signed.',
    access: 'open',
    body: [{ mediaType: 'application/json', schema: initialRequest }],
    answers: {
      200: {
        description: 'The session is open.',
        contents: [{ mediaType: 'application/json', schema: initialResponse }],
        headers: { 'x-bsv-auth-identity-key': "The gateway's key; the other x-bsv-auth headers repeat the body" },
      },
    },
    problems: [
      'auth-malformed',
      'auth-version-unsupported',
      'auth-message-unexpected',
      'auth-replayed',
      'database-unavailable',
    ],
  },
  {
    method: 'get',
    path: '/v1/identity',
    operationId: 'findIdentity',
    tag: 'identity',
    summary: 'Who the gateway takes you for',
    access: 'brc-103',
    answers: {
      200: {
        description: 'Your key, the organisation it belongs to, and the key of the gateway.',
        contents: [
          {
            mediaType: 'application/json',
            schema: identityView,
            example: { identityKey: EXAMPLE_KEY, organisation: 'acme', gatewayIdentityKey: EXAMPLE_KEY },
          },
        ],
      },
    },
    problems: [],
  },
];
