import { printTopicDigest, txidFromWire } from '#atomic-core';
import type { Satoshis, Txid } from '#atomic-core';
import { runStatement } from './database';
import type { Database } from './database';

export interface TopicState {
  readonly topic: string;
  /** Outputs that were admitted and not taken back. */
  readonly admitted: number;
  readonly unspent: number;
  /** Spent, and kept for the history of what spent them. */
  readonly retained: number;
  /** Of the unspent. */
  readonly satoshis: Satoshis;
  readonly transitions: number;
  /** 64 hex; the same wherever the same outputs are held, whatever the order they came in: ops/decisions/0030. */
  readonly digest: string;
  readonly tip: { readonly position: number; readonly txid: Txid; readonly at: Date } | undefined;
}

interface StoredState {
  readonly topic: string;
  readonly admitted: string;
  readonly unspent: string;
  readonly retained: string;
  readonly satoshis: string;
  readonly transitions: string;
  readonly digest: string;
  readonly position: string | null;
  readonly txid: Buffer | null;
  readonly at: Date | null;
}

const STATES = `
  select s.topic, s.admitted, s.unspent, s.retained, s.satoshis, s.transitions, s.digest::text as digest, tip.position, tip.txid, tip.at
  from portcullis.topic_state s
  left join lateral (select e.position, e.txid, e.at from portcullis.topic_event e where e.topic = s.topic order by e.position desc limit 1) tip on true`;

const readState = ({ position, txid, at, ...state }: StoredState): TopicState => ({
  topic: state.topic,
  admitted: Number(state.admitted),
  unspent: Number(state.unspent),
  retained: Number(state.retained),
  satoshis: Number(state.satoshis),
  transitions: Number(state.transitions),
  digest: printTopicDigest(state.digest),
  tip: position !== null && txid && at ? { position: Number(position), txid: txidFromWire(txid), at } : undefined,
});

/** Every topic that anything was ever applied to, by name. */
export const listTopicStates = async (db: Database): Promise<TopicState[]> =>
  (await runStatement<StoredState[]>(db, `${STATES} order by s.topic`, [])).map(readState);

/** Undefined when nothing was ever applied to it. */
export const findTopicState = async (db: Database, topic: string): Promise<TopicState | undefined> => {
  const [row] = await runStatement<StoredState[]>(db, `${STATES} where s.topic = $1`, [topic]);
  return row && readState(row);
};
