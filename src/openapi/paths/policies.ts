import { z } from 'zod';
import { explainBody } from '../../policies';
import type { Operation } from '../operation';
import { EXAMPLE_KEY, publicKey } from './schemas';

const json = 'application/json';
const decision = z.enum(['permit', 'refuse']);

const policy = z.object({
  id: z.string(),
  effect: z.enum(['permit', 'forbid']),
  file: z.string(),
  text: z.string().describe('The policy as the operator wrote it (Cedar)'),
});

const decided = z.object({
  action: z.string(),
  resource: z.object({ type: z.enum(['Gateway', 'Topic']), id: z.string() }),
  decision,
  code: z.string().nullable().describe('What a request would be refused with'),
  detail: z.string().nullable(),
  policies: z.array(policy).describe('Who decided; none where nothing permits it'),
  missing: z
    .array(policy.extend({ wants: z.array(z.string()).describe('What of it does not hold, in its own words') }))
    .describe('The permits that lack least, nearest first'),
  certificates: z
    .array(
      z.object({
        name: z.string(),
        certifier: publicKey,
        type: z.string(),
        state: z.enum(['held', 'absent', 'erased', 'revoked']),
        revocation: z
          .object({
            state: z.enum(['good', 'revoked', 'unknown', 'not-revocable']),
            source: z.string().nullable(),
            asOf: z.iso.datetime(),
            ageSeconds: z.int().min(0),
          })
          .nullable()
          .describe('What it was judged by; null where nothing rests on it'),
      }),
    )
    .describe('Those that policies for this action look at'),
  revocationMaxAgeSeconds: z.number().nullable().describe('How old an answer about revocation may be'),
});

const explanation = z.object({
  policyVersion: z
    .string()
    .regex(/^[0-9a-f]{64}$/u)
    .describe('SHA-256 of the policies'),
  identityKey: publicKey,
  organisation: z.string(),
  roles: z.array(z.string()),
  decision: decision.describe('`permit` where each of the decisions is'),
  decisions: z.array(decided),
});

const policyExample = {
  id: 'approvers-submit',
  effect: 'permit',
  file: 'topics.cedar',
  text: '@id("approvers-submit")\npermit (principal in Role::"approver", action == Action::"submitToTopic", resource == Topic::"tm_documents");',
};
const example = {
  policyVersion: 'c0'.repeat(32),
  identityKey: EXAMPLE_KEY,
  organisation: 'acme',
  roles: ['submitter'],
  decision: 'refuse',
  decisions: [
    {
      action: 'submitToTopic',
      resource: { type: 'Topic', id: 'tm_documents' },
      decision: 'refuse',
      code: 'policy-denied',
      detail: 'no policy permits submitToTopic (policies c0c0c0c0c0c0)',
      policies: [],
      missing: [{ ...policyExample, wants: ['principal in Role::"approver"'] }],
      certificates: [],
      revocationMaxAgeSeconds: null,
    },
  ],
};

export const policiesPaths: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/policies/explain',
    operationId: 'explainPolicies',
    tag: 'policies',
    summary: 'Ask what you, or a member of your organisation, would be permitted, and why',
    description: `Name an \`action\` of the policies, or a \`method\` and a \`path\`, or a \`topic\` alone; a route with a topic asks about both. \`approvals\` are
organisations that are supposed to have signed, \`step\` the step of a workflow. The decision is made as for a request, the sources of revocation asked where a
policy wants a younger answer, and nothing is done.`,
    access: 'brc-103',
    people: true,
    body: [{ mediaType: json, schema: explainBody, example: { topic: 'tm_documents' } }],
    answers: {
      200: { description: 'The decision.', contents: [{ mediaType: json, schema: explanation, example }] },
    },
    problems: ['media-type-unsupported'],
  },
];
