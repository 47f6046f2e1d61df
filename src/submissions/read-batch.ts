import { accept, limits, reject, requestDigest, type Result } from '#atomic-core';
import { readJson } from '../ingress';
import { readIdempotencyKey } from './read-preferences';
import type { SubmissionRequest } from './read-request';
import { readSubmissionJson } from './read-submission';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export const BATCH_MEDIA_TYPE = 'application/x-ndjson';

/** The lines that hold something, without their ends. They share the octets of the body: what is read from a line is read when its turn comes. */
export function listLines(body: Buffer): Result<readonly Buffer[]> {
  const lines: Buffer[] = [];
  for (let start = 0; start < body.length;) {
    const feed = body.indexOf(LINE_FEED, start);
    const next = feed === -1 ? body.length : feed;
    const end = next > start && body[next - 1] === CARRIAGE_RETURN ? next - 1 : next;
    if (end > start) lines.push(body.subarray(start, end));
    start = next + 1;
  }
  if (lines.length === 0) return reject('request-malformed', 'a batch holds at least one line');
  if (lines.length > limits.BATCH_SUBMISSIONS_MAX) return reject('body-too-large');
  return accept(lines);
}

/**
 * One line: what the JSON body of `POST /v1/submissions` is, with the `idempotencyKey` that would be its header. Its digest is that of this very request
 * sent singly, as `JSON.stringify` writes its body, so that an item replays its single submission and the other way round.
 */
export function readBatchItem(line: Buffer, bytesMax: number): Result<SubmissionRequest> {
  if (line.length > bytesMax) return reject('body-too-large', `A submission may have at most ${bytesMax} bytes.`);
  const json = readJson(line);
  if (!json.ok) return json;
  if (typeof json.value !== 'object' || json.value === null || Array.isArray(json.value)) {
    return reject('request-malformed', 'a line is an object with beef, topics, baskets and idempotencyKey');
  }
  const { idempotencyKey, ...body } = json.value as Record<string, unknown>;
  if (idempotencyKey !== undefined && typeof idempotencyKey !== 'string') return reject('idempotency-key-malformed');
  const key = readIdempotencyKey(idempotencyKey);
  if (!key.ok) return key;
  const submission = readSubmissionJson(body, undefined);
  if (!submission.ok) return submission;
  const digest = requestDigest({
    method: 'POST',
    url: '/v1/submissions',
    topics: undefined,
    idempotencyKey,
    body: Buffer.from(JSON.stringify(body)),
  });
  const requestKey = key.value === undefined ? `digest:${digest.toString('hex')}` : `key:${key.value}`;
  return accept({ submission: submission.value, requestKey, requestDigest: digest });
}

export interface BatchLine {
  /** Its place among the lines that hold something. */
  readonly index: number;
  readonly octets: Buffer;
}

/** Pieces of a batch that are read, looked up and verified together: as many items as a group has, and no more octets than one large submission or two. */
export function* cutLines(lines: readonly Buffer[]): Generator<readonly BatchLine[]> {
  let piece: BatchLine[] = [];
  let bytes = 0;
  for (const [index, octets] of lines.entries()) {
    const isFull = piece.length === limits.GROUP_COMMITS_MAX || bytes + octets.length > limits.BATCH_KEPT_BYTES_MAX;
    if (isFull && piece.length > 0) {
      yield piece;
      [piece, bytes] = [[], 0];
    }
    piece.push({ index, octets });
    bytes += octets.length;
  }
  yield piece;
}
