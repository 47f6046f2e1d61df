import type { BroadcastOutcome } from '#ports';

/** What one word of ARC means to us. `missing` = the network lacks a parent; `unsettled` = not an answer about the transaction. */
export type ArcMeaning = 'accepted' | 'refused' | 'contested' | 'missing' | 'unsettled';

/**
 * Every `txStatus` of ARC and Arcade. An HTTP 200 says only that ARC answered; this word says what. MINED is no more than `accepted` here: a block
 * is believed when its BUMP verifies. DOUBLE_SPEND_ATTEMPTED is open on purpose: either transaction may still be mined.
 */
export const txStatusMeanings: ReadonlyMap<string, ArcMeaning> = new Map([
  ['UNKNOWN', 'unsettled'],
  ['QUEUED', 'accepted'],
  ['RECEIVED', 'accepted'],
  ['STORED', 'accepted'],
  ['ANNOUNCED_TO_NETWORK', 'accepted'],
  ['REQUESTED_BY_NETWORK', 'accepted'],
  ['SENT_TO_NETWORK', 'accepted'],
  ['ACCEPTED_BY_NETWORK', 'accepted'],
  ['PENDING_RETRY', 'accepted'],
  ['STUMP_PROCESSING', 'accepted'],
  ['SEEN_IN_ORPHAN_MEMPOOL', 'missing'],
  ['SEEN_ON_NETWORK', 'accepted'],
  ['SEEN_MULTIPLE_NODES', 'accepted'],
  ['DOUBLE_SPEND_ATTEMPTED', 'contested'],
  ['REJECTED', 'refused'],
  ['MINED_IN_STALE_BLOCK', 'accepted'],
  ['MINED', 'accepted'],
  ['IMMUTABLE', 'accepted'],
]);

/**
 * ARC's own codes, in the `status` of its error body. Absent means `unsettled`, as do all HTTP statuses that any proxy could have written
 * (400, 401, 403, 404, 409, 422, 429, 5xx): they say nothing of this transaction.
 */
export const errorCodeMeanings: ReadonlyMap<number, ArcMeaning> = new Map([
  [460, 'missing'], // ARC looked for the parent of an input and did not find it
  [461, 'refused'], // unlocking script
  [462, 'refused'], // inputs: sum, coinbase, none
  [463, 'refused'], // malformed
  [464, 'refused'], // outputs
  [465, 'refused'], // fee: only another transaction can pay more
  [466, 'contested'], // another transaction spends the same outpoint
  [467, 'unsettled'], // generic
  [468, 'unsettled'], // BEEF; we send Extended Format
  [469, 'unsettled'], // Merkle roots of a BEEF
  [471, 'unsettled'], // frozen by this miner's policy: for a person
  [472, 'refused'], // frozen by consensus
  [473, 'refused'], // cumulative fee
  [474, 'refused'], // size
  [475, 'unsettled'], // mined ancestor lacks its BUMP
  [476, 'unsettled'], // not final yet
]);

export interface ArcWord {
  readonly meaning: ArcMeaning;
  /** The txStatus, or the code in print. */
  readonly status: string;
  readonly detail: string;
  readonly competingTxids: readonly string[];
}

/** A rejection for want of a parent is no refusal of the transaction. */
const SPEAKS_OF_PARENTS = /orphan|missing[- ]?inputs?/iu;

export const toOutcome = (word: ArcWord): BroadcastOutcome => {
  const { status, detail, competingTxids } = word;
  switch (word.meaning) {
    case 'accepted':
      return { kind: 'accepted', status };
    case 'contested':
      return { kind: 'contested', status, competingTxids };
    case 'missing':
      return { kind: 'ancestors-missing', detail: `${status} ${detail}`.trim() };
    case 'refused':
      if (SPEAKS_OF_PARENTS.test(detail)) return { kind: 'ancestors-missing', detail: `${status} ${detail}` };
      return { kind: 'refused', status, detail, competingTxids };
    case 'unsettled':
      return { kind: 'unknown', detail: `${status} ${detail}`.trim() };
  }
};
