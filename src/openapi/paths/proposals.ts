import { z } from 'zod';
import { limits } from '#atomic-core';
import type { Operation, Parameter } from '../operation';
import { verificationProblems } from '../problems';
import { EXAMPLE_KEY, EXAMPLE_TXID, publicKey, txid } from './schemas';
import { receipt, receiptExample, submissionBody } from './submissions';

const json = 'application/json';
const EXAMPLE_ID = '9d2f6a4c-51a7-4f3b-9c0e-2f1d4b7a6e55';
const EXAMPLE_DEADLINE = '2026-12-01T00:00:00.000Z';
const hash = z.string().regex(/^[0-9a-f]{64}$/u);
const hex = z.string().regex(/^(?:[0-9a-f]{2})+$/u);
const topics = z.array(z.string()).min(1);
const organisation = z.string().describe('Its name; or a key, of who is an organisation of its own');
const parties = z.array(organisation).min(1).max(limits.PROPOSAL_PARTIES_MAX);
const needed = z.int().min(1);
const deadline = z.iso.datetime();

const statement = z
  .object({
    version: z.literal(1),
    ...{ gateway: publicKey, proposal: z.uuid(), txid, topics, step: z.string().optional(), deadline },
    ...{ proposer: publicKey, proposerOrganisation: organisation, parties, needed },
    content: hash.describe('Of what else the submission does: baskets, labels, mode, off-chain values'),
    ...{ approver: publicKey, organisation },
  })
  .describe('Signed as canonical JSON (RFC 8785) in UTF-8');
const approval = z.object({
  ...{ identityKey: publicKey, organisation },
  state: z
    .enum(['standing', 'withdrawn', 'stopped'])
    .describe('`stopped`: a certificate that it rests on was revoked since'),
  isCounted: z.boolean().describe('The COMMIT counted it'),
  ...{ approvedAt: z.iso.datetime(), auditLeaf: z.int().min(0) },
  statement: z.string().describe('What was signed, octet for octet'),
  statementHash: hash.describe('SHA-256 of it; named by the audit leaf of the COMMIT'),
  signature: hex.describe('DER'),
});
const submitted = z
  .object({ ...receipt.shape })
  .partial()
  .describe('The receipt; organisations other than the proposer’s are told of the topics alone');
const proposal = z.object({
  ...{ id: z.uuid(), state: z.enum(['open', 'committed', 'withdrawn', 'expired']), txid, topics },
  ...{ step: z.string().nullable(), deadline },
  proposer: z.object({ organisation, identityKey: publicKey }),
  gateway: publicKey.describe('Of the gateway that was asked'),
  ...{ parties, needed, content: hash, proposedAt: z.iso.datetime(), auditLeaf: z.int().min(0) },
  approvals: z.array(approval),
  statements: z.array(statement).describe('What you would sign, one for each party that you may speak for'),
  submission: submitted.nullable(),
  links: z.object({ self: z.string(), beef: z.string() }),
});

const statementExample = {
  version: 1,
  ...{ gateway: EXAMPLE_KEY, proposal: EXAMPLE_ID, txid: EXAMPLE_TXID, topics: ['tm_documents'] },
  ...{ deadline: EXAMPLE_DEADLINE, proposer: EXAMPLE_KEY, proposerOrganisation: 'acme' },
  ...{ parties: ['acme', 'globex'], needed: 2, content: 'c0'.repeat(32), approver: EXAMPLE_KEY },
  organisation: 'globex',
};
const example = {
  ...{ id: EXAMPLE_ID, state: 'open', txid: EXAMPLE_TXID, topics: ['tm_documents'], step: null },
  ...{ deadline: EXAMPLE_DEADLINE, proposer: { organisation: 'acme', identityKey: EXAMPLE_KEY } },
  ...{ gateway: EXAMPLE_KEY, parties: ['acme', 'globex'], needed: 2, content: 'c0'.repeat(32) },
  ...{ proposedAt: '2026-11-30T09:00:00.000Z', auditLeaf: 41, approvals: [], statements: [statementExample] },
  submission: null,
  links: { self: `/v1/proposals/${EXAMPLE_ID}`, beef: `/v1/proposals/${EXAMPLE_ID}/beef` },
};
const shown = { description: 'The proposal.', contents: [{ mediaType: json, schema: proposal, example }] };

const proposalBody = submissionBody.omit({ reservation: true }).extend({
  step: z.string().max(limits.STEP_CHARACTERS_MAX).optional().describe('Of a workflow, as policies know it'),
  parties: parties.describe('Organisations that are asked'),
  needed: needed.optional().describe('How many of them have to approve; all unless said'),
  deadline: z.iso.datetime({ offset: true }),
});
const approvalBody = z.strictObject({
  signature: hex.describe('DER'),
  organisation: organisation.optional().describe('For whom, where you may speak for several'),
});
const refusal = z
  .object({ code: z.string(), detail: z.string(), next: z.string() })
  .nullable()
  .describe('Why it was not submitted yet; null where it was');

const id: Parameter = { name: 'id', in: 'path', description: 'Id of the proposal', schema: z.uuid() };
const submissionProblems = [
  ...verificationProblems,
  ...(['topic-unknown', 'topic-refused', 'topic-failed', 'topic-unavailable', 'output-reserved'] as const),
  ...(['outpoint-spent', 'parent-retracted', 'coins-changed', 'already-applied', 'certificate-revoked'] as const),
  ...(['basket-output-unknown', 'basket-output-invalid', 'basket-name-invalid', 'tag-invalid'] as const),
  ...(['chain-unsettled', 'verification-busy'] as const),
];

export const proposalsPaths: readonly Operation[] = [
  {
    method: 'post',
    path: '/v1/proposals',
    operationId: 'proposeSubmission',
    tag: 'proposals',
    summary: 'Propose a submission that several organisations have to approve',
    description: `The transaction is verified as for a submission and kept with what it would do; nothing is applied. When \`needed\` of the parties have approved, and the
policies permit the submission with their approvals, it is applied in one COMMIT. The same transaction, topics and terms again are the same proposal.`,
    access: 'brc-103',
    body: [
      {
        mediaType: json,
        schema: proposalBody,
        example: {
          ...{ beef: 'AQEBAf…', topics: ['tm_documents'], parties: ['acme', 'globex'], needed: 2 },
          deadline: EXAMPLE_DEADLINE,
        },
      },
    ],
    answers: { 201: { ...shown, headers: { location: 'Where the proposal is found' } } },
    problems: [
      ...submissionProblems,
      ...(['media-type-unsupported', 'topics-malformed', 'mode-unknown', 'proposal-late'] as const),
      ...(['proposal-conflict', 'proposals-exhausted'] as const),
    ],
  },
  {
    method: 'get',
    path: '/v1/proposals',
    operationId: 'listProposals',
    tag: 'proposals',
    summary: 'The proposals that you take part in, newest first',
    access: 'brc-103',
    parameters: [
      {
        ...{ name: 'limit', in: 'query', description: 'Proposals of this page' },
        schema: z.int().min(1).max(limits.PROPOSALS_MAX),
      },
      { name: 'before', in: 'query', description: '`next` of the page before', schema: z.int().min(1) },
    ],
    answers: {
      200: {
        description: 'The proposals.',
        contents: [
          {
            mediaType: json,
            schema: z.object({ proposals: z.array(proposal), next: z.int().nullable() }),
            example: { proposals: [example], next: null },
          },
        ],
      },
    },
    problems: ['query-malformed'],
  },
  {
    method: 'get',
    path: '/v1/proposals/{id}',
    operationId: 'findProposal',
    tag: 'proposals',
    summary: 'A proposal with its approvals, and what you would sign to approve it',
    description: 'To whoever takes no part in it, it does not exist.',
    access: 'brc-103',
    parameters: [id],
    answers: { 200: shown },
    problems: ['proposal-unknown'],
  },
  {
    method: 'get',
    path: '/v1/proposals/{id}/beef',
    operationId: 'fetchProposedBeef',
    tag: 'proposals',
    summary: 'The transaction that is proposed',
    access: 'brc-103',
    parameters: [id],
    answers: {
      200: { description: 'BEEF, as it was proposed.', contents: [{ mediaType: 'application/octet-stream' }] },
    },
    problems: ['proposal-unknown', 'proposal-ended'],
  },
  {
    method: 'delete',
    path: '/v1/proposals/{id}',
    operationId: 'withdrawProposal',
    tag: 'proposals',
    summary: 'Withdraw a proposal of your organisation',
    access: 'brc-103',
    parameters: [id],
    answers: { 200: shown },
    problems: ['proposal-unknown', 'proposal-ended'],
  },
  {
    method: 'post',
    path: '/v1/proposals/{id}/approvals',
    operationId: 'approveProposal',
    tag: 'proposals',
    summary: 'Approve a proposal for your organisation',
    description: `The signature is that of a BRC-100 wallet (\`createSignature\`, protocol \`[2, 'portcullis proposal approval']\`, key id: the id of the proposal,
counterparty \`anyone\`) over one of the \`statements\` of the proposal in canonical JSON. The approval that makes the quorum also submits; where that is refused the
approval stands, and \`refusal\` says why.`,
    access: 'brc-103',
    parameters: [id],
    body: [{ mediaType: json, schema: approvalBody, example: { signature: '3045022100c0ffee' } }],
    answers: {
      201: {
        description: 'Approved.',
        contents: [
          {
            mediaType: json,
            schema: z.object({ proposal, refusal }),
            example: {
              proposal: example,
              refusal: { code: 'quorum-incomplete', detail: '1 of 2 have approved', next: 'retry-same' },
            },
          },
        ],
      },
    },
    problems: [
      ...(['media-type-unsupported', 'proposal-unknown', 'proposal-ended', 'approval-signature-invalid'] as const),
      ...(['approvals-exhausted', 'approver-ambiguous', 'certificate-revoked'] as const),
    ],
  },
  {
    method: 'delete',
    path: '/v1/proposals/{id}/approvals/mine',
    operationId: 'withdrawApproval',
    tag: 'proposals',
    summary: 'Take your approval back, until the proposal is submitted',
    access: 'brc-103',
    parameters: [id],
    answers: { 200: shown },
    problems: ['proposal-unknown', 'proposal-ended', 'approval-unknown'],
  },
  {
    method: 'post',
    path: '/v1/proposals/{id}/submission',
    operationId: 'submitProposal',
    tag: 'proposals',
    summary: 'Submit what enough parties have approved',
    description: `For when the approval that made the quorum could not. Approvals are counted anew and once more under lock: one whose certificate was revoked, whose
approver lost its role, or that was taken back does not count. The same proposal again gets the same receipt.`,
    access: 'brc-103',
    parameters: [id],
    answers: {
      201: {
        description: 'Applied: the receipt.',
        contents: [{ mediaType: json, schema: submitted, example: receiptExample }],
      },
    },
    problems: [
      ...submissionProblems,
      ...(['proposal-unknown', 'proposal-ended', 'quorum-incomplete', 'approval-lapsed'] as const),
    ],
  },
];
