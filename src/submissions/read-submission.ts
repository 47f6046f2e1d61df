import {
  accept,
  isTopicName,
  limits,
  readTags,
  reject,
  submissionModes,
  type BasketPlacement,
  type Result,
  type SubmissionMode,
  type TransitionQuestion,
} from '#atomic-core';
import { z } from 'zod';
import { readJson } from '../ingress';
import { decodeBeefText } from './decode-beef';
import { readStringifiedOctets } from './read-stringified-octets';
import { splitOffChainValues } from './split-off-chain-values';

/** The parts of a request that say what is submitted, however it was sent. */
export interface SubmissionInput {
  readonly mediaType: string | undefined;
  readonly body: Buffer;
  /** `x-topics`: a JSON array. */
  readonly topicsHeader: string | undefined;
  /** `x-includes-off-chain-values: true`: the octets hold them behind the BEEF. */
  readonly includesOffChainValues?: boolean;
}

export interface Submission {
  readonly beef: Uint8Array;
  /** Sorted, each once. */
  readonly topics: readonly string[];
  /** Where the submitter wants outputs kept, by vout. */
  readonly baskets: ReadonlyMap<number, BasketPlacement>;
  /** Of the transaction, for the organisation that submits it (BRC-100). Sorted, each once. */
  readonly labels: readonly string[];
  readonly mode: SubmissionMode;
  /** For the topics and their lookup services; not on the chain. */
  readonly offChainValues?: Uint8Array;
  /** The reservation that the transaction consumes. */
  readonly reservation?: string;
}

/** What the plan needs of a submission beside the transaction and its topics. */
export const writeQuestion = ({
  topics,
  baskets,
  mode,
  offChainValues,
}: Submission): Pick<TransitionQuestion, 'baskets' | 'context' | 'keeps'> => ({
  baskets,
  // Without a topic there is nobody to have judged what is kept.
  ...(topics.length === 0 && { keeps: 'any' }),
  context: { mode, ...(offChainValues && { offChainValues }) },
});

const VOUT = /^(?:0|[1-9][0-9]{0,9})$/;

const placement = z.strictObject({
  basket: z.string(),
  tags: z.array(z.string()).max(limits.BASKET_TAGS_MAX).optional(),
  customInstructions: z.string().optional(),
  quantity: z.int().optional(),
});

const submissionBody = z.strictObject({
  beef: z.string(),
  topics: z.array(z.string()).optional(),
  baskets: z.record(z.string().regex(VOUT), z.union([z.string(), placement])).optional(),
  labels: z.array(z.string()).max(limits.BASKET_TAGS_MAX).optional(),
  mode: z.string().optional(),
  offChainValues: z.base64().optional(),
  reservation: z.uuid().optional(),
});

/** A submission is for topics; a question about a transaction may name none, and then asks about the transaction alone. */
export type TopicsNeed = 'required' | 'optional';

/** BEEF octets with the topics in a header, or JSON that holds all. */
export function readSubmission(input: SubmissionInput, need: TopicsNeed = 'required'): Result<Submission> {
  if (input.mediaType === 'application/octet-stream') return readOctets(input, need);
  if (input.mediaType === 'application/json') return readBody(input, need);
  return reject('media-type-unsupported', 'application/octet-stream or application/json');
}

function readOctets(input: SubmissionInput, need: TopicsNeed): Result<Submission> {
  const { body, topicsHeader, includesOffChainValues = false } = input;
  if (topicsHeader === undefined && need === 'required')
    return reject('topics-malformed', 'the x-topics header is missing');
  const topics = topicsHeader === undefined ? accept([]) : readTopicsHeader(topicsHeader);
  if (!topics.ok) return topics;
  const octets = splitOffChainValues(readStringifiedOctets(body) ?? body, includesOffChainValues);
  return octets.ok
    ? accept({ ...octets.value, topics: topics.value, baskets: new Map(), labels: [], mode: 'current-tx' })
    : octets;
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
  // What was held in reserve may be spent where no topic is concerned: stock is sold so.
  const needed = parsed.data.reservation === undefined ? need : 'optional';
  const named = readNamed(topics, topicsHeader, needed);
  if (!named.ok) return named;
  const octets = decodeBeefText(beef);
  if (!octets.ok) return octets;
  const labels = readTags(parsed.data.labels ?? []);
  if (!labels.ok) return labels;
  const offChainValues = readOffChainValues(parsed.data.offChainValues);
  if (!offChainValues.ok) return offChainValues;
  const mode = readMode(parsed.data.mode);
  if (!mode.ok) return mode;
  const { reservation } = parsed.data;
  return accept({
    beef: octets.value,
    topics: named.value,
    baskets: new Map(Object.entries(baskets).map(([vout, wanted]) => [Number(vout), readWanted(wanted)])),
    labels: labels.value,
    mode: mode.value,
    ...(offChainValues.value && { offChainValues: offChainValues.value }),
    ...(reservation !== undefined && { reservation }),
  });
}

function readMode(wanted = 'current-tx'): Result<SubmissionMode> {
  const mode = submissionModes.find((known) => known === wanted);
  return mode ? accept(mode) : reject('mode-unknown', `there are ${submissionModes.join(', ')}`);
}

function readWanted(wanted: string | z.output<typeof placement>): BasketPlacement {
  if (typeof wanted === 'string') return { basket: wanted };
  const { basket, tags, customInstructions, quantity } = wanted;
  return {
    basket,
    ...(tags && { tags }),
    ...(customInstructions !== undefined && { customInstructions }),
    ...(quantity !== undefined && { quantity }),
  };
}

function readOffChainValues(text: string | undefined): Result<Uint8Array | undefined> {
  if (text === undefined) return accept(undefined);
  const octets = Buffer.from(text, 'base64');
  if (octets.length > limits.OFF_CHAIN_BYTES_MAX)
    return reject('request-malformed', `offChainValues are at most ${limits.OFF_CHAIN_BYTES_MAX} bytes`);
  return accept(octets);
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
  const known = Object.keys(submissionBody.shape).find((name) => name === place);
  return known === undefined
    ? 'the body is an object with beef, topics and baskets'
    : `${known} is not as it should be`;
}
