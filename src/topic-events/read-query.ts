import { z } from 'zod';
import {
  accept,
  findSingleHeader,
  isTxid,
  limits,
  makeOutpoint,
  reject,
  type Outpoint,
  type Result,
} from '#atomic-core';

const POSITION = /^(-1|0|[1-9][0-9]{0,15})$/;
const OUTPOINT = /^([0-9a-f]{64})\.(0|[1-9][0-9]{0,9})$/;
const VOUT_MAX = 0xffff_ffff;
const EVENTS_DEFAULT = 100;
const OUTPUTS_DEFAULT = 100;

const position = z.string().regex(POSITION, 'is a position, or -1 from the first event').transform(Number);
const count = (max: number) =>
  z
    .string()
    .regex(/^[1-9][0-9]{0,4}$/)
    .transform(Number)
    .refine((value) => value <= max, `is at most ${max}`);

const eventsQuery = z.strictObject({
  after: position.optional(),
  limit: count(limits.TOPIC_EVENTS_MAX).default(EVENTS_DEFAULT),
});

const outpoint = z.string().transform((text, context): Outpoint => {
  const [, txid = '', vout = ''] = OUTPOINT.exec(text) ?? [];
  if (isTxid(txid) && Number(vout) <= VOUT_MAX) return makeOutpoint(txid, Number(vout));
  context.addIssue({ code: 'custom', message: 'is <txid>.<vout>' });
  return z.NEVER;
});

const outputsQuery = z.strictObject({
  state: z.enum(['unspent', 'spent', 'retained', 'all']).default('unspent'),
  txid: z.string().refine(isTxid, 'is 64 hex digits').optional(),
  key: z.string().min(1).max(limits.LOOKUP_KEY_BYTES_MAX).optional(),
  after: outpoint.optional(),
  limit: count(limits.BASKET_OUTPUTS_MAX).default(OUTPUTS_DEFAULT),
  include: z.enum(['scripts', 'beef']).optional(),
});

export type OutputsQuery = z.output<typeof outputsQuery>;
export type EventsQuery = z.output<typeof eventsQuery>;

const readWith = <T>(schema: z.ZodType<T>, query: unknown): Result<T> => {
  const read = schema.safeParse(query);
  if (read.success) return accept(read.data);
  const [issue] = read.error.issues;
  return reject('query-malformed', `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
};

export const readOutputsQuery = (query: unknown): Result<OutputsQuery> => readWith(outputsQuery, query);

/**
 * From where events are asked for. `Last-Event-ID` is how a server-sent stream resumes, and goes before `after`: an `EventSource` repeats the address
 * that it began with. BRC-104 signs `x-bsv-` headers and the query, so each has a signed spelling.
 */
export const readEventsQuery = (query: unknown, rawHeaders: readonly string[]): Result<EventsQuery> => {
  const signed = findSingleHeader(rawHeaders, 'x-bsv-last-event-id');
  const common = findSingleHeader(rawHeaders, 'last-event-id');
  if (signed === null || common === null || (signed !== undefined && common !== undefined))
    return reject('header-duplicated', 'last-event-id');
  const read = readWith(eventsQuery, query);
  // An `EventSource` that was given no id yet sends none, or an empty one.
  const last = signed ?? common ?? '';
  if (!read.ok || last === '') return read;
  const resumed = position.safeParse(last);
  return resumed.success
    ? accept({ ...read.value, after: resumed.data })
    : reject('query-malformed', 'Last-Event-ID is the id of an event');
};
