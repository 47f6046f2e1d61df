import type { FastifyRequest } from 'fastify';
import { accept, isIdentityKey, isOrganisationName, limits, reject, type Result } from '#atomic-core';
import { z } from 'zod';
import { bodyOf, mediaTypeOf, readJson } from '../ingress';
import { readSubmissionJson, type Submission } from '../submissions';

const DAY_MS = 86_400_000;
const DER = /^(?:[0-9a-f]{2}){8,72}$/u;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

/** As we print them; what is no id names nothing, and PostgreSQL is not asked. */
export const isProposalId = (text: string): boolean => UUID.test(text);

/** A name of the configuration or of a pin; or a key, of who is an organisation of its own. */
const organisation = z.string().refine((text) => isOrganisationName(text) || isIdentityKey(text));
/** What is asked beside what is submitted. */
export const agreementShape = {
  // Refused here and not by the database, which cannot store it: by then it would be paid.
  step: z
    .string()
    .min(1)
    .max(limits.STEP_CHARACTERS_MAX)
    .regex(/^[^\0\ud800-\udfff]*$/u)
    .optional(),
  parties: z
    .array(organisation)
    .min(1)
    .max(limits.PROPOSAL_PARTIES_MAX)
    .refine((names) => new Set(names).size === names.length),
  needed: z.int().min(1).max(limits.PROPOSAL_PARTIES_MAX).optional(),
  deadline: z.iso.datetime({ offset: true }),
};
const agreement = z.looseObject(agreementShape);

export const approvalBody = z.strictObject({
  signature: z.string().regex(DER),
  organisation: organisation.optional(),
});

export const proposalsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(limits.PROPOSALS_MAX).default(limits.PROPOSALS_MAX),
  before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
});

export interface AskedProposal {
  readonly submission: Submission;
  readonly step: string | undefined;
  /** Sorted. */
  readonly parties: readonly string[];
  readonly needed: number;
  /** ISO 8601 in UTC with milliseconds. */
  readonly deadline: string;
}

/** The body in the form that `schema` gives; the refusal names the member, never what stood there. */
export function readShape<T>(request: FastifyRequest, schema: z.ZodType<T>): Result<T> {
  if (mediaTypeOf(request) !== 'application/json') return reject('media-type-unsupported', 'application/json');
  const json = readJson(bodyOf(request));
  if (!json.ok) return json;
  const parsed = schema.safeParse(json.value);
  return parsed.success ? accept(parsed.data) : malformed(parsed.error);
}

export function readProposal(request: FastifyRequest): Result<AskedProposal> {
  const asked = readShape(request, agreement);
  if (!asked.ok) return asked;
  const { step, parties, needed = parties.length, deadline, ...rest } = asked.value;
  if (needed > parties.length) return reject('request-malformed', 'needed is more than there are parties');
  // A reservation ends long before others have agreed.
  if ('reservation' in rest) return reject('request-malformed', 'a proposal consumes no reservation');
  const submission = readSubmissionJson(rest, undefined);
  if (!submission.ok) return submission;
  // As with the step; tags and labels are refused where they are read.
  if ([...submission.value.baskets.values()].some(({ customInstructions }) => customInstructions?.includes('\0')))
    return reject('request-malformed', 'customInstructions cannot be stored');
  if (submission.value.beef.length > limits.PROPOSAL_BEEF_BYTES_MAX)
    return reject('beef-limit-exceeded', `a proposal has a BEEF of at most ${limits.PROPOSAL_BEEF_BYTES_MAX} bytes`);
  const ends = new Date(deadline);
  if (ends.getTime() <= Date.now()) return reject('proposal-late', 'the deadline is over');
  if (ends.getTime() > Date.now() + limits.PROPOSAL_DAYS_MAX * DAY_MS)
    return reject('proposal-late', `a proposal waits ${limits.PROPOSAL_DAYS_MAX} days at most`);
  return accept({
    ...{ submission: submission.value, step, parties: [...parties].sort(), needed, deadline: ends.toISOString() },
  });
}

function malformed(error: z.ZodError): Result<never> {
  const [place] = error.issues[0]?.path ?? [];
  const isNamed = typeof place === 'string' && /^[A-Za-z]{1,32}$/u.test(place);
  const whole = 'the body is not an object with the members that it may have';
  return reject('request-malformed', isNamed ? `${place} is not as it should be` : whole);
}
