import { isTxid } from '#atomic-core';
import type { BroadcastStatus, OutboundAnswer } from '#ports';
import { errorCodeMeanings, toOutcome, txStatusMeanings } from './arc-answers';

/** Texts from the peer are kept for a person to read, so they are short and printable. */
const DETAIL_CHARS_MAX = 300;
/** Competing transactions worth naming. */
const COMPETING_MAX = 16;
/** A BUMP of a 2^32-transaction block is under 3 KiB; merged ones are larger. */
const BUMP_BYTES_MAX = 65_536;
const UNPRINTABLE = /[^\x20-\x7e]/gu;

/** No answer, or none that is understood. */
export const unknownStatus = (detail: string): BroadcastStatus => ({
  outcome: { kind: 'unknown', detail },
  absent: false,
  blockHash: undefined,
  blockHeight: undefined,
  bump: undefined,
});

const readObject = (body: Buffer): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined; // garbage is an answer that is not understood, which is all the caller needs to know
  }
};

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value.slice(0, DETAIL_CHARS_MAX).replace(UNPRINTABLE, ' ') : '';

const txidsOf = (value: unknown): string[] =>
  Array.isArray(value)
    ? value.filter((entry): entry is string => typeof entry === 'string' && isTxid(entry)).slice(0, COMPETING_MAX)
    : [];

const bumpOf = (value: unknown): Uint8Array | undefined => {
  if (typeof value !== 'string' || value.length === 0 || value.length > 2 * BUMP_BYTES_MAX) return undefined;
  return value.length % 2 === 0 && /^[0-9a-f]+$/iu.test(value) ? Buffer.from(value, 'hex') : undefined;
};

/**
 * Reads an answer of `POST /v1/tx` or `GET /v1/tx/{txid}` about `txid`. Everything that is not understood, and every answer about another
 * transaction, is `unknown`: a peer that is broken or lies can delay a settlement but not undo one.
 */
export const readArcAnswer = (txid: string, answer: OutboundAnswer): BroadcastStatus => {
  const body = readObject(answer.body);
  if (body === undefined) return unknownStatus(`HTTP ${answer.status} without a JSON object`);
  const named = body['txid'];
  const namesAnother = named !== undefined && named !== null && named !== '' && named !== txid;
  if (namesAnother) return unknownStatus(`HTTP ${answer.status} speaks of another transaction`);
  if (answer.status < 200 || answer.status > 299) return readRefusal(answer.status, body);
  if (named !== txid) return unknownStatus(`HTTP ${answer.status} does not name the transaction`);

  const status = textOf(body['txStatus']);
  const meaning = txStatusMeanings.get(status);
  if (meaning === undefined) return unknownStatus(`txStatus ${status || '(none)'} is not known`);
  const height = body['blockHeight'];
  return {
    outcome: toOutcome({
      meaning,
      status,
      detail: textOf(body['extraInfo']),
      competingTxids: txidsOf(body['competingTxs']),
    }),
    absent: false,
    blockHash: typeof body['blockHash'] === 'string' && isTxid(body['blockHash']) ? body['blockHash'] : undefined,
    blockHeight: typeof height === 'number' && Number.isSafeInteger(height) && height >= 0 ? height : undefined,
    bump: bumpOf(body['merklePath']),
  };
};

const readRefusal = (httpStatus: number, body: Readonly<Record<string, unknown>>): BroadcastStatus => {
  // The HTTP status is ARC's own code; Arcade answers 400 and puts the code into the body.
  const inner = body['status'];
  const code = httpStatus === 400 && typeof inner === 'number' ? inner : httpStatus;
  const detail = [textOf(body['title']), textOf(body['detail']), textOf(body['extraInfo'])]
    .filter((part) => part !== '')
    .join('; ');
  const meaning = errorCodeMeanings.get(code) ?? 'unsettled';
  const word = { meaning, status: String(code), detail, competingTxids: txidsOf(body['competingTxs']) };
  // A JSON 404 that names its own status is ARC speaking; a proxy's page never gets this far.
  return { ...unknownStatus(''), outcome: toOutcome(word), absent: httpStatus === 404 && inner === 404 };
};
