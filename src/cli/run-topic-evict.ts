import { randomUUID } from 'node:crypto';
import { isTopicName, isTxid, makeOutpoint, type Outpoint } from '#atomic-core';
import { evictOutput } from '#ledger';
import { CommandError, exitCodes } from './exit-codes';
import { openConfiguredKeys } from './open-configured-keys';
import { print } from './print';
import { withDatabase } from './with-database';

export interface EvictCommandOptions {
  readonly json: boolean;
  readonly topic?: string;
  readonly reason: string;
}

const OUTPOINT = /^([0-9a-f]{64})\.(0|[1-9][0-9]{0,9})$/u;
const VOUT_MAX = 0xffff_ffff;
const REASON_CHARS_MAX = 500;

/** Takes an output out of every answer for good, and has every lookup service forget it. The coin itself stays what it is. */
export async function runTopicEvict(text: string, { json, topic, reason }: EvictCommandOptions): Promise<void> {
  const outpoint = readPrinted(text);
  if (topic !== undefined && !isTopicName(topic)) throw new CommandError(exitCodes.usage, `${topic} is no topic name.`);
  if (reason.trim() === '' || reason.length > REASON_CHARS_MAX || /\p{Cc}/u.test(reason)) {
    throw new CommandError(exitCodes.usage, `--reason is one line of 1 to ${String(REASON_CHARS_MAX)} characters.`);
  }
  const evicted = await withDatabase(async (database, config) =>
    evictOutput(database, {
      ...{ outpoint, reason, organisation: 'gateway', requestId: randomUUID() },
      identityKey: (await openConfiguredKeys(config)).identityKey,
      ...(topic !== undefined && { topic }),
    }),
  );
  if (!evicted.ok)
    throw new CommandError(exitCodes.refused, `Refused: ${evicted.rejection.code}, ${evicted.rejection.detail}.`);
  const { topics, leafIndex = null } = evicted.value;
  const line =
    topics.length === 0
      ? `${text} had been evicted before`
      : `${text} is evicted from ${topics.join(', ')} (audit leaf ${String(leafIndex)})`;
  print({ json, value: { outpoint: text, topics, leafIndex }, lines: [line] });
}

function readPrinted(text: string): Outpoint {
  const [, txid = '', vout = ''] = OUTPOINT.exec(text) ?? [];
  if (!isTxid(txid) || Number(vout) > VOUT_MAX)
    throw new CommandError(exitCodes.usage, 'An output is named <txid>.<index>.');
  return makeOutpoint(txid, Number(vout));
}
