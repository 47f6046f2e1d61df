import { accept, isTopicName, limits, reject, type Result } from '#atomic-core';
import { z } from 'zod';
import { readJson } from '../ingress';
import { decodeBeefText, startsAsBeef } from './decode-beef';
import { readStringifiedOctets } from './read-stringified-octets';

/** The parts of a request that say what is submitted, however it was sent. */
export interface SubmissionInput {
  readonly mediaType: string | undefined;
  readonly body: Buffer;
  /** `x-topics`: a JSON array. */
  readonly topicsHeader: string | undefined;
}

export interface Submission {
  readonly beef: Uint8Array;
  /** Sorted, each once. */
  readonly topics: readonly string[];
  /** Where the submitter wants outputs kept, by vout. */
  readonly baskets: ReadonlyMap<number, string>;
}

const VOUT = /^(?:0|[1-9][0-9]{0,9})$/;

const submissionBody = z.strictObject({
  beef: z.string(),
  topics: z.array(z.string()).optional(),
  baskets: z.record(z.string().regex(VOUT), z.string()).optional(),
});

/** A submission is for topics; a question about a transaction may name none, and then asks about the transaction alone. */
export type TopicsNeed = 'required' | 'optional';

/** BEEF octets with the topics in a header, or JSON that holds all. */
export function readSubmission(input: SubmissionInput, need: TopicsNeed = 'required'): Result<Submission> {
  if (input.mediaType === 'application/octet-stream') return readOctets(input, need);
  if (input.mediaType === 'application/json') return readBody(input, need);
  return reject('media-type-unsupported', 'application/octet-stream or application/json');
}

function readOctets({ body, topicsHeader }: SubmissionInput, need: TopicsNeed): Result<Submission> {
  if (topicsHeader === undefined && need === 'required')
    return reject('topics-malformed', 'the x-topics header is missing');
  const topics = topicsHeader === undefined ? accept([]) : readTopicsHeader(topicsHeader);
  if (!topics.ok) return topics;
  const beef = startsAsBeef(body) ? body : readStringifiedOctets(body);
  return beef !== undefined && startsAsBeef(beef)
    ? accept({ beef, topics: topics.value, baskets: new Map() })
    : reject('beef-malformed');
}

function readBody({ body, topicsHeader }: SubmissionInput, need: TopicsNeed): Result<Submission> {
  const json = readJson(body);
  return json.ok ? readSubmissionJson(json.value, topicsHeader, need) : json;
}

/** The JSON form of a submission: the body of a request, or one item of a batch. */
export function readSubmissionJson(
  value: unknown,
  topicsHeader: string | undefined,
  need: TopicsNeed = 'required',
): Result<Submission> {
  const parsed = submissionBody.safeParse(value);
  if (!parsed.success) return reject('request-malformed', describe(parsed.error));
  const { beef, topics, baskets = {} } = parsed.data;
  const named = readNamed(topics, topicsHeader, need);
  if (!named.ok) return named;
  const octets = decodeBeefText(beef);
  if (!octets.ok) return octets;
  const chosen = new Map(Object.entries(baskets).map(([vout, basket]) => [Number(vout), basket]));
  return accept({ beef: octets.value, topics: named.value, baskets: chosen });
}

function readNamed(
  topics: readonly string[] | undefined,
  topicsHeader: string | undefined,
  need: TopicsNeed,
): Result<readonly string[]> {
  if (topics === undefined && topicsHeader === undefined && need === 'optional') return accept([]);
  // Two places that can disagree are one too many: which of them was meant is not ours to guess.
  if ((topics === undefined) === (topicsHeader === undefined)) {
    return reject('topics-malformed', 'name the topics once, in the body or in the x-topics header');
  }
  return topicsHeader === undefined ? readTopics(topics) : readTopicsHeader(topicsHeader);
}

function readTopicsHeader(text: string): Result<readonly string[]> {
  const json = readJson(Buffer.from(text, 'latin1'));
  return json.ok ? readTopics(json.value) : reject('topics-malformed', 'x-topics is not a JSON array');
}

function readTopics(value: unknown): Result<readonly string[]> {
  const names: unknown[] = Array.isArray(value) ? value : [];
  if (names.length === 0) return reject('topics-malformed', 'at least one topic');
  if (names.length > limits.SUBMISSION_TOPICS_MAX)
    return reject('topics-malformed', `at most ${limits.SUBMISSION_TOPICS_MAX} topics`);
  const topics = names.filter((name) => typeof name === 'string').filter(isTopicName);
  if (topics.length !== names.length) return reject('topics-malformed', 'a name does not follow BRC-87');
  if (new Set(topics).size !== topics.length) return reject('topics-malformed', 'a topic is named twice');
  return accept(topics.sort());
}

/** Names the place and the rule, never what stood there. */
function describe(error: z.ZodError): string {
  const [issue] = error.issues;
  const [place] = issue?.path ?? [];
  const known = ['beef', 'topics', 'baskets'].find((name) => name === place);
  return known === undefined
    ? 'the body is an object with beef, topics and baskets'
    : `${known} is not as it should be`;
}
