import { accept, isTxid, reject } from '#atomic-core';
import type { Result, Txid } from '#atomic-core';

/** Enough for 50 statuses of a batch with their paths; RELIABILITY §6. */
export const CALLBACK_BYTES_MAX = 65_536;
/** ARC sends at most 50 at a time. */
export const CALLBACK_BATCH_MAX = 50;

/** One hint about one transaction. Whatever else a callback says is not read, because it would not be believed. */
export interface CallbackHint {
  readonly txid: Txid;
  /** Claimed to be BRC-74 bytes. */
  readonly bump: Uint8Array | undefined;
}

const HEX = /^(?:[0-9a-f]{2})+$/iu;

const readHint = (entry: unknown): CallbackHint | undefined => {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { txid, merklePath } = entry as Readonly<Record<string, unknown>>;
  if (typeof txid !== 'string' || !isTxid(txid)) return undefined;
  return {
    txid,
    bump: typeof merklePath === 'string' && HEX.test(merklePath) ? Buffer.from(merklePath, 'hex') : undefined,
  };
};

/** Reads the single form `{txid, …}` and the batch form `{count, callbacks: […]}` of an ARC callback that was parsed as JSON. */
export const readCallback = (value: unknown): Result<readonly CallbackHint[]> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return reject('request-malformed', 'The callback is not a JSON object.');
  const batch: unknown = 'callbacks' in value ? value.callbacks : [value];
  if (!Array.isArray(batch)) return reject('request-malformed', 'The callbacks are not a list.');
  if (batch.length > CALLBACK_BATCH_MAX)
    return reject('request-malformed', `A batch holds at most ${CALLBACK_BATCH_MAX} callbacks.`);
  const hints: CallbackHint[] = [];
  for (const entry of batch) {
    const hint = readHint(entry);
    if (hint === undefined) return reject('request-malformed', 'A callback names no transaction.');
    hints.push(hint);
  }
  return accept(hints);
};
