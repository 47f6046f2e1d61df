import { z } from 'zod';
import type { Operation } from '../operation';
import { EXAMPLE_KEY, publicKey } from './schemas';

const initialRequest = z.object({
  version: z.literal('0.1'),
  messageType: z.literal('initialRequest'),
  identityKey: publicKey,
  initialNonce: z.string().describe('Base64'),
  requestedCertificates: z
    .unknown()
    .optional()
    .describe("The gateway's own that are asked for; what cannot be read is not"),
});
const requested = z
  .object({ certifiers: z.array(publicKey), types: z.record(z.string(), z.array(z.string())) })
  .describe('Certificates that are asked for: these types by these certifiers, with these fields of each type');
const exchangeMessage = z.looseObject({
  version: z.literal('0.1'),
  messageType: z.enum(['certificateResponse', 'certificateRequest']),
  identityKey: publicKey,
  nonce: z.string().describe('Base64 of 32 fresh octets'),
  yourNonce: z.string().describe("The gateway's session nonce"),
  certificates: z.array(z.looseObject({})).optional(),
  requestedCertificates: requested.optional(),
  signature: z.array(z.int().min(0).max(255)).describe('DER, over the JSON of the certificates or of what is asked'),
});
const shown = z.looseObject({
  type: z.string(),
  serialNumber: z.string(),
  subject: publicKey.describe("The gateway's key"),
  certifier: publicKey,
  revocationOutpoint: z.string(),
  fields: z.record(z.string(), z.string()).describe('Ciphertexts'),
  keyring: z.record(z.string(), z.string()).describe('Of what is revealed, for this caller alone'),
  signature: z.string().describe('DER, hex'),
});
const initialResponse = z.looseObject({
  version: z.literal('0.1'),
  messageType: z.literal('initialResponse'),
  identityKey: publicKey.describe("The gateway's key"),
  initialNonce: z.string().describe("The gateway's session nonce"),
  yourNonce: z.string().describe('The nonce of the request'),
  requestedCertificates: requested,
  certificates: z.array(shown).optional().describe("The gateway's own, where they were asked for and may be seen"),
  signature: z.array(z.int().min(0).max(255)).describe('DER'),
});
/** Of a certificateResponse of the client: what became of each certificate. Of a certificateRequest: a certificateResponse of the gateway. */
const exchangeAnswer = z.looseObject({ certificates: z.array(z.looseObject({})) });
const identityView = z.object({
  identityKey: publicKey.nullable().describe('Null for a person, or a machine with a client certificate'),
  kind: z.enum(['identity', 'person', 'machine']),
  name: z.string().describe('The key; `<issuer>#<subject>`; or what the configuration calls the machine'),
  roles: z.array(z.string()),
  organisation: z.string(),
  gatewayIdentityKey: publicKey,
});

export const identityPaths: readonly Operation[] = [
  {
    method: 'post',
    path: '/.well-known/auth',
    operationId: 'shakeHands',
    tag: 'identity',
    summary: 'Open a session, or exchange certificates in one (BRC-103)',
    description:
      'Clients do this through `AuthFetch`. A session proves nothing about its opener: each later request or message is signed. Every message is answered at once, and none holds up a request.',
    access: 'open',
    body: [{ mediaType: 'application/json', schema: z.union([initialRequest, exchangeMessage]) }],
    answers: {
      200: {
        description: 'The session is open; or what became of the certificates, or those of the gateway.',
        contents: [{ mediaType: 'application/json', schema: z.union([initialResponse, exchangeAnswer]) }],
        headers: { 'x-bsv-auth-identity-key': "The gateway's key; the other x-bsv-auth headers repeat the body" },
      },
    },
    problems: [
      'auth-malformed',
      'auth-version-unsupported',
      'auth-message-unexpected',
      'auth-session-unknown',
      'auth-identity-mismatch',
      'auth-signature-invalid',
      'auth-replayed',
      'certificate-malformed',
      'certificate-untrusted',
      'certificate-foreign',
      'certificate-field-missing',
      'certificate-undecryptable',
      'certificate-signature-invalid',
      'certificate-revoked',
      'certificate-conflict',
      'certificate-erased',
      'revocation-unknown',
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
    people: true,
    answers: {
      200: {
        description: 'Who you are, the organisation and the roles of that, and the key of the gateway.',
        contents: [
          {
            mediaType: 'application/json',
            schema: identityView,
            example: {
              ...{ identityKey: EXAMPLE_KEY, kind: 'identity', name: EXAMPLE_KEY, roles: ['submitter'] },
              ...{ organisation: 'acme', gatewayIdentityKey: EXAMPLE_KEY },
            },
          },
        ],
      },
    },
    problems: [],
  },
];
