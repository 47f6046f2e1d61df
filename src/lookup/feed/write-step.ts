import { limits, makeOutpoint, readOutpoint } from '#atomic-core';
import {
  listHistory,
  listLives,
  listLivesEverywhere,
  listReleasedHistory,
  type Database,
  type OutputLife,
  type OutputName,
  type SpentCoin,
  type TopicEvent,
} from '#ledger';
import type { LookupNotice, ServiceLookup } from '../../topics';
import type { FeedStep } from './list-steps';
import { NoticeWriter } from './write-notice';

const RELEASES_PAGE = 500;

type Spent = OutputLife & { readonly spent: NonNullable<OutputLife['spent']> };
type Bound = Pick<TopicEvent, 'position' | 'topic'>;

const nameOf = ({ txid, vout }: OutputName): string => `${txid}.${String(vout)}`;
const withdrawn = ({ txid, vout }: OutputName): LookupNotice => ({ kind: 'evicted', txid, outputIndex: vout });
const letGo = ({ topic }: Pick<TopicEvent, 'topic'>, { txid, vout }: OutputName): LookupNotice => ({
  kind: 'no-longer-retained',
  topic,
  txid,
  outputIndex: vout,
});
/** Events of one position are told in the order of their topics. */
const isWithin = (position: number, topic: string, bound: Bound): boolean =>
  position < bound.position || (position === bound.position && topic <= bound.topic);

/**
 * The notices of one step, made as they are told. What was retracted or evicted since is passed over: nobody can prove it any more, or nobody may hear
 * of it, and the event that says so takes back what was told before.
 */
export class StepWriter {
  private readonly notices: NoticeWriter;
  private known: { readonly event: TopicEvent; readonly lives: ReadonlyMap<string, OutputLife> } | undefined;

  constructor(
    private readonly database: Database,
    lookup: Pick<ServiceLookup, 'admissionMode' | 'spendNotificationMode'>,
  ) {
    this.notices = new NoticeWriter(database, lookup);
  }

  /** `isRepeated`: it was begun before, and whether the service heard it is not known. */
  async *write(step: FeedStep, isRepeated: boolean): AsyncGenerator<LookupNotice, void, undefined> {
    const { event } = step;
    switch (step.act) {
      case 'spend': {
        const coin = await this.findSpent(event, step.coin);
        if (coin !== undefined) yield await this.notices.writeSpent(coin);
        return;
      }
      case 'release':
        return yield* this.writeReleases(event, step.coins);
      case 'admit': {
        const output = { txid: event.txid, vout: step.vout };
        const life = (await this.findLives(event)).get(nameOf(output));
        if (life === undefined || !isAdmittedBy(life, event)) return;
        if (isRepeated) return yield* this.writeAgain(output, event);
        yield await this.notices.writeAdmitted(life);
        return;
      }
      case 'withdraw':
        return yield* this.writeAgain({ txid: event.txid, vout: step.vout }, event);
      case 'give-back':
        // What stands behind it may have been let go when it went. Oldest first, as it was told.
        for (const earlier of (await this.listBehind(event.topic, step.coin)).reverse()) {
          yield* this.writeAgain(earlier, event);
        }
        return yield* this.writeAgain(step.coin, event);
    }
  }

  private async *writeReleases(
    event: TopicEvent,
    coins: readonly SpentCoin[],
  ): AsyncGenerator<LookupNotice, void, undefined> {
    const gone: OutputName[] = [];
    for (const coin of coins) {
      if (!coin.retained && (await this.findSpent(event, coin)) !== undefined) gone.push(coin);
    }
    if (gone.length === 0) return;
    for (const coin of gone) yield letGo(event, coin);
    const outpoints = gone.map(({ txid, vout }) => makeOutpoint(txid, vout));
    for (let skip = 0; ; skip += RELEASES_PAGE) {
      const page = { position: event.position, skip, limit: RELEASES_PAGE };
      const released = await listReleasedHistory(this.database, event.topic, outpoints, page);
      for (const outpoint of released) yield letGo(event, readOutpoint(outpoint));
      if (released.length < RELEASES_PAGE) return;
    }
  }

  /** The history of an output in its topic, nearest first; as far back as any answer goes. */
  private async listBehind(topic: string, output: OutputName): Promise<OutputName[]> {
    const found = new Map<string, OutputName>();
    const waiting: OutputName[] = [output];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      for (const coin of await listHistory(this.database, topic, makeOutpoint(next.txid, next.vout))) {
        if (found.has(nameOf(coin))) continue;
        if (found.size >= limits.LOOKUP_HISTORY_OUTPUTS_MAX) return [...found.values()];
        found.set(nameOf(coin), coin);
        waiting.push(coin);
      }
    }
    return [...found.values()];
  }

  /**
   * Takes an output out and tells its life anew, as far as it was told before, in every topic that still has it: `outputEvicted` names no topic, and a
   * service that follows two loses both.
   */
  private async *writeAgain(output: OutputName, bound: Bound): AsyncGenerator<LookupNotice, void, undefined> {
    yield withdrawn(output);
    for (const life of await listLivesEverywhere(this.database, [output])) {
      const { topic, spent } = life;
      if (life.retracted || life.evicted || !isWithin(life.admittedAt, topic, bound)) continue;
      yield await this.notices.writeAdmitted(life);
      if (spent === undefined || !isWithin(spent.at, topic, bound)) continue;
      yield await this.notices.writeSpent({ ...life, spent });
      if (!spent.retained) yield letGo(life, life);
    }
  }

  private async findSpent(event: TopicEvent, coin: SpentCoin): Promise<Spent | undefined> {
    const life = (await this.findLives(event)).get(nameOf(coin));
    if (life?.spent === undefined || life.retracted || life.evicted) return undefined;
    const isStill =
      coin.spender === undefined
        ? life.spent.transitionId === event.transitionId
        : life.spent.by === coin.spender && life.transitionId === event.transitionId;
    return isStill ? { ...life, spent: life.spent } : undefined;
  }

  /** Of everything that one event names, in one question. */
  private async findLives(event: TopicEvent): Promise<ReadonlyMap<string, OutputLife>> {
    if (this.known?.event !== event) {
      const outputs = [...event.spent, ...event.admitted.map((vout) => ({ txid: event.txid, vout }))];
      const lives = await listLives(this.database, event.topic, outputs);
      this.known = { event, lives: new Map(lives.map((life) => [nameOf(life), life])) };
    }
    return this.known.lives;
  }
}

const isAdmittedBy = ({ transitionId, retracted, evicted }: OutputLife, event: TopicEvent): boolean =>
  transitionId === event.transitionId && !retracted && !evicted;
