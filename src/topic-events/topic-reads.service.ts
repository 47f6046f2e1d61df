import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { accept, limits, printOutpoint, reject, type Result } from '#atomic-core';
import {
  findEventTip,
  findTopicState,
  listTopicEvents,
  listTopicOutputs,
  listTopicStates,
  type TopicState,
} from '#ledger';
import { findAtomicBeef } from '../lookup';
import { HostedTopics, type ServiceMetadata } from '../topics';
import type { EventsQuery, OutputsQuery } from './read-query';
import { writeEvent, type EventView } from './write-event';

/** Outputs of one read: each carries its script, which a stranger may have made as long as a transaction may be. */
const READ_OUTPUTS = 25;

export interface TopicView {
  readonly topic: string;
  readonly metadata: ServiceMetadata;
  /** Outputs that were admitted and neither taken back nor evicted. */
  readonly admitted: number;
  readonly unspent: number;
  /** Spent, and kept as history of what spent them. */
  readonly retained: number;
  /** Of the unspent outputs. */
  readonly satoshis: number;
  readonly transitions: number;
  readonly tip: { readonly position: number; readonly txid: string; readonly at: string } | null;
  /** Of the whole state, whatever the order it came about in: two replicas with the same digest hold the same state. */
  readonly digest: string;
}

export interface OutputView {
  readonly outpoint: string;
  readonly satoshis: number;
  readonly spentBy: string | null;
  readonly retained: boolean;
  readonly lockingScript?: string;
  /** Null while an ancestor waits for its new proof. */
  readonly beef?: string | null;
}

export interface OutputsView {
  readonly topic: string;
  readonly outputs: readonly OutputView[];
  readonly next: string | null;
}

export interface EventsView {
  readonly topic: string;
  readonly events: readonly EventView[];
  /** Give it as `after` for what comes later. */
  readonly next: number;
}

type Output = Awaited<ReturnType<typeof listTopicOutputs>>[number];

/** The state of topics, for everyone who may call: it is shared by all who submit to them, and says nothing of who they are. */
@Injectable()
export class TopicReads {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(HostedTopics) private readonly topics: HostedTopics,
  ) {}

  async list(): Promise<TopicView[]> {
    const states = new Map((await listTopicStates(this.database)).map((state) => [state.topic, state]));
    return Promise.all([...this.topics.topicNames].sort().map((name) => this.#describe(name, states.get(name))));
  }

  async find(topic: string): Promise<Result<TopicView>> {
    const hosted = this.topics.findTopic(topic);
    if (!hosted.ok) return hosted;
    return accept(await this.#describe(topic, await findTopicState(this.database, topic)));
  }

  async listOutputs(topic: string, query: OutputsQuery): Promise<Result<OutputsView>> {
    const hosted = this.topics.findTopic(topic);
    if (!hosted.ok) return hosted;
    const limit = query.include === 'beef' ? Math.min(query.limit, limits.LOOKUP_OUTPUTS_MAX) : query.limit;
    const outputs: OutputView[] = [];
    let { after } = query;
    let isLast = false;
    let bytes = 0;
    while (!isLast && outputs.length < limit && bytes < limits.LOOKUP_BEEF_BYTES_MAX) {
      const asked = Math.min(READ_OUTPUTS, limit - outputs.length);
      const page = await listTopicOutputs(this.database, topic, this.#selectionOf(query, asked, after));
      isLast = page.length < asked;
      for (const output of page) {
        if (bytes >= limits.LOOKUP_BEEF_BYTES_MAX) {
          isLast = false;
          break;
        }
        const view = await this.#writeOutput(output, query.include);
        bytes += (view.lockingScript?.length ?? 0) + (view.beef?.length ?? 0);
        outputs.push(view);
        after = output.outpoint;
      }
    }
    return accept({ topic, outputs, next: isLast || after === undefined ? null : printOutpoint(after) });
  }

  async listEvents(topic: string, { after, limit }: EventsQuery): Promise<Result<EventsView>> {
    const from = await this.findStart(topic, after);
    if (!from.ok) return from;
    const events = await listTopicEvents(this.database, { topic, after: from.value, limit });
    return accept({ topic, events: events.map(writeEvent), next: events.at(-1)?.position ?? from.value });
  }

  /** Where whoever asks for events begins: as asked, else now. */
  async findStart(topic: string, after: number | undefined): Promise<Result<number>> {
    const hosted = this.topics.findTopic(topic);
    if (!hosted.ok) return hosted;
    if (after === undefined) return accept(await findEventTip(this.database, topic));
    // Whoever was told of more than there is has seen another ledger; it would be silent to them until this one is as long.
    if (after > (await findEventTip(this.database)))
      return reject('query-malformed', 'after: no event of this gateway has this position yet');
    return accept(after);
  }

  #selectionOf({ state, txid, key }: OutputsQuery, limit: number, after: OutputsQuery['after']) {
    return {
      ...{ state, limit },
      ...(txid === undefined ? {} : { txid }),
      ...(key === undefined ? {} : { key }),
      ...(after === undefined ? {} : { after }),
    };
  }

  async #writeOutput(output: Output, include: OutputsQuery['include']): Promise<OutputView> {
    const { outpoint, satoshis, spentBy, retained, lockingScript, txid } = output;
    const view = { outpoint: printOutpoint(outpoint), satoshis, spentBy: spentBy ?? null, retained };
    if (include === undefined) return view;
    const withScript = { ...view, lockingScript: lockingScript.toString('hex') };
    if (include === 'scripts') return withScript;
    const beef = await findAtomicBeef(this.database, txid);
    return { ...withScript, beef: beef.ok ? beef.value.toString('base64') : null };
  }

  async #describe(topic: string, state: TopicState | undefined): Promise<TopicView> {
    const hosted = this.topics.findTopic(topic);
    if (!hosted.ok) throw new Error(`${topic} is not hosted`);
    const { admitted = 0, unspent = 0, retained = 0, satoshis = 0, transitions = 0, tip } = state ?? {};
    return {
      ...{ topic, metadata: await hosted.value.metadata(), admitted, unspent, retained, satoshis, transitions },
      tip: tip === undefined ? null : { ...tip, at: tip.at.toISOString() },
      digest: state?.digest ?? EMPTY_DIGEST,
    };
  }
}

const EMPTY_DIGEST = '0'.repeat(64);
