import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { accept, limits, reject, type Rejection, type Result } from '#atomic-core';
import { findOutputsByKeys } from '#ledger';
import { HistoryError, HostedTopics, type ServiceLookup } from '../topics';
import { LookupFeeds } from './feed/lookup-feeds.service';
import { findAtomicBeef } from './find-atomic-beef';
import { hydrateOutputs } from './hydrate-outputs';
import { isWaiting, listOutputs, type AnsweredOutput, type LookupAnswer, type LookupQuestion } from './lookup-answer';

@Injectable()
export class LookupService {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(HostedTopics) private readonly topics: HostedTopics,
    @Inject(LookupFeeds) private readonly feeds: LookupFeeds,
  ) {}

  /** BRC-24: the outputs that a hosted lookup service names, each with the BEEF that proves it; as many as the limits let in. */
  async answer(question: LookupQuestion): Promise<Result<LookupAnswer>> {
    const lookup = this.topics.findLookup(question.service);
    if (!lookup.ok) return lookup;
    if (lookup.value.kind === 'service') return this.answerByService(lookup.value, question);
    const keys = lookup.value.readQuery(question.query);
    return keys === undefined ? reject('query-malformed') : this.answerByKeys(lookup.value.topic, keys);
  }

  /** Of one of our own: the ledger itself is its index. */
  private async answerByKeys(topic: string, keys: readonly string[]): Promise<Result<LookupAnswer>> {
    const most = limits.LOOKUP_OUTPUTS_MAX;
    const found = await findOutputsByKeys(this.database, topic, keys, most + 1);
    const outputs: AnsweredOutput[] = [];
    let bytes = 0;
    let waiting: Rejection | undefined;
    let isCut = found.length > most;
    for (const { txid, vout: outputIndex } of found.slice(0, most)) {
      isCut ||= bytes >= limits.LOOKUP_BEEF_BYTES_MAX;
      if (bytes >= limits.LOOKUP_BEEF_BYTES_MAX) break;
      const beef = await findAtomicBeef(this.database, txid);
      if (!beef.ok) {
        if (!isWaiting(beef.rejection)) return beef;
        waiting = beef.rejection;
        continue;
      }
      bytes += beef.value.length;
      outputs.push({ beef: beef.value, txid, outputIndex });
    }
    return listOutputs(outputs, { isCut, waiting });
  }

  /** Of somebody else's: it names outputs by an index of its own, and the ledger says which of them there are. */
  private async answerByService(lookup: ServiceLookup, question: LookupQuestion): Promise<Result<LookupAnswer>> {
    const told = await this.feeds.findToldPosition(lookup.name);
    if (!told.ok) return told;
    const asked = await lookup.ask(question);
    if (!asked.ok) return asked;
    const formula = asked.value;
    if (formula.type === 'freeform') return accept(formula);
    try {
      return await hydrateOutputs(this.database, { outputs: formula.outputs, toldTo: told.value });
    } catch (error) {
      if (error instanceof HistoryError) return reject('lookup-failed', error.message);
      throw error;
    } finally {
      formula.release();
    }
  }
}
