import { txidFromWire } from '#atomic-core';
import type { Txid } from '#atomic-core';
import { onlyRow, runStatement } from './database';
import type { Database } from './database';

export interface SpentCoin {
  readonly txid: Txid;
  readonly vout: number;
  readonly retained: boolean;
  /** Where it is not the event's transaction: the output was admitted after its spender had been, and is spent from the first. */
  readonly spender?: Txid;
}

export interface TopicEvent {
  readonly topic: string;
  /**
   * Index of the audit leaf of the transition, retraction or eviction: strictly increasing per topic, in the order of COMMITs over all topics; whoever sees p
   * sees all before p.
   */
  readonly position: number;
  readonly kind: 'applied' | 'retracted' | 'evicted';
  readonly transitionId: string;
  readonly txid: Txid;
  readonly at: Date;
  /** Outputs of txid: admitted, taken back, or evicted. What was evicted once is not named again, though it be admitted again. */
  readonly admitted: readonly number[];
  /** Coins spent by txid, or given back by its retraction. */
  readonly spent: readonly SpentCoin[];
}

export interface EventPage {
  /** Undefined: of all topics. */
  readonly topic?: string;
  /** The position of the last event that is known; -1 from the first. */
  readonly after: number;
  readonly limit: number;
}

interface StoredEvent extends Omit<TopicEvent, 'position' | 'txid' | 'spent'> {
  readonly position: string;
  readonly txid: Buffer;
  readonly spent: readonly { txid: string; vout: number; retained: boolean; spender?: string }[];
}

const readWire = (hex: string): Txid => txidFromWire(Buffer.from(hex, 'hex'));
const readEvent = ({ position, txid, spent, ...event }: StoredEvent): TopicEvent => ({
  ...event,
  position: Number(position),
  txid: txidFromWire(txid),
  spent: spent.map(({ spender, ...coin }) => ({
    ...coin,
    txid: readWire(coin.txid),
    ...(spender !== undefined && { spender: readWire(spender) }),
  })),
});

const COLUMNS = 'e.topic, e.position, e.kind, e.transition_id as "transitionId", e.txid, e.at, e.admitted, e.spent';

/**
 * What follows `after`, in the order of (position, topic). Of all topics a page ends with all events of its last position, and so may be longer than `limit`
 * by the topics of one submission: a cursor is a position.
 */
export const listTopicEvents = async (db: Database, { topic, after, limit }: EventPage): Promise<TopicEvent[]> => {
  const rows = await (topic === undefined
    ? runStatement<StoredEvent[]>(
        db,
        `select ${COLUMNS} from portcullis.topic_event e where e.position > $1 and e.position <= (select max(page.position) from (
           select position from portcullis.topic_event where position > $1 order by position, topic limit $2) page)
         order by e.position, e.topic`,
        [after, limit],
      )
    : runStatement<StoredEvent[]>(
        db,
        `select ${COLUMNS} from portcullis.topic_event e where e.topic = $1 and e.position > $2 order by e.position limit $3`,
        [topic, after, limit],
      ));
  return rows.map(readEvent);
};

/** The position of the last event, of one topic or of all; -1 when there is none. */
export const findEventTip = async (db: Database, topic?: string): Promise<number> => {
  const rows = await (topic === undefined
    ? runStatement<{ tip: string }[]>(
        db,
        'select coalesce((select e.position from portcullis.topic_event e order by e.position desc limit 1), -1) as tip',
        [],
      )
    : runStatement<{ tip: string }[]>(
        db,
        `select coalesce((select e.position from portcullis.topic_event e where e.topic = $1 order by e.position desc limit 1), -1) as tip`,
        [topic],
      ));
  return Number(onlyRow(rows).tip);
};
