import type { Txid } from '#atomic-core';
import type { TopicEvent } from '#ledger';

/**
 * What a subscriber is told of one committed transition, retraction or eviction. Topics are shared: it names outputs, never who submitted them.
 * `position` is the index of its leaf in the audit log.
 */
export interface EventView {
  readonly topic: string;
  readonly position: number;
  readonly kind: TopicEvent['kind'];
  readonly txid: Txid;
  /** Outputs of `txid` that were admitted; of a retraction those taken back, of an eviction the one evicted. */
  readonly admitted: readonly string[];
  /** Coins of this topic that `txid` spent; of a retraction those given back. `spender`: one that was admitted after what spends it. */
  readonly spent: readonly { readonly outpoint: string; readonly retained: boolean; readonly spender?: Txid }[];
  readonly at: string;
}

export const writeEvent = ({ topic, position, kind, txid, admitted, spent, at }: TopicEvent): EventView => ({
  topic,
  position,
  kind,
  txid,
  admitted: admitted.map((vout) => `${txid}.${vout}`),
  spent: spent.map(({ txid: parent, vout, ...coin }) => ({ outpoint: `${parent}.${vout}`, ...coin })),
  at: at.toISOString(),
});

/** One server-sent event. JSON holds no raw line break, so the data is one line. */
const writeFrame = (id: number, name: string, data: unknown): string =>
  `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

const writeEventFrame = (event: TopicEvent): string => writeFrame(event.position, event.kind, writeEvent(event));

/** The first of a stream: where it begins, so that a resume is possible before anything has happened. */
const writeReadyFrame = (topic: string, position: number): string => writeFrame(position, 'ready', { topic, position });

/** A comment: shows that the connection lives, or says why it ends. */
const writeComment = (text: string): string => `: ${text}\n\n`;

/** How events are told to one kind of subscriber. */
export interface EventFormat {
  /** Each text is a message of its own. */
  readonly isOfMessages: boolean;
  readonly writeReady: (topic: string, position: number) => string;
  readonly writeEvent: (event: TopicEvent) => string;
  /** Undefined where the protocol has other means to show life and to say why it ends. */
  readonly writeComment?: (text: string) => string;
}

export const SERVER_SENT_EVENTS: EventFormat = {
  isOfMessages: false,
  writeReady: writeReadyFrame,
  writeEvent: writeEventFrame,
  writeComment,
};

/** The same objects that a page lists, one a message; the first says where it begins. */
export const EVENT_MESSAGES: EventFormat = {
  isOfMessages: true,
  writeReady: (topic, position) => JSON.stringify({ topic, position, kind: 'ready' }),
  writeEvent: (event) => JSON.stringify(writeEvent(event)),
};
