import type { GASPInitialReply, GASPInitialRequest, GASPInitialResponse, GASPNode, GASPRemote } from '@bsv/gasp';
import { isTxid, limits, type GraphTransaction, type Txid } from '#atomic-core';
import type { HttpClient, OutboundAnswer } from '#ports';
import { GaspFault, lie, outage } from './gasp-fault';
import type { Outcomes } from './outcomes';
import { readForeignNode, readListing, type ScoredOutput } from './read-foreign';
import { writeNode } from './write-node';

/** Outputs asked for at a time. */
const PAGE_OUTPUTS = 1_000;
/** One exchange. A host that answers slowly is asked again; one that drips bytes is not waited for. */
const EXCHANGE_MS = 10_000;
const LISTING_BYTES_MAX = 2 * 1024 * 1024;
/** A transaction and its proof in hex, in JSON. */
const NODE_BYTES_MAX = 2 * limits.BEEF_BYTES_MAX + 1024 * 1024;
/** Exchanges in a row that end in nothing, after which a host counts as down and the round ends. */
const OUTAGES_MAX = 5;

/** What our own ledger has need not be asked for. */
export interface OwnTransactions {
  findOwn(txid: Txid): Promise<GraphTransaction | undefined>;
  /** Those of the listed outputs whose transaction the topic does not have. */
  listUnknown(outputs: readonly ScoredOutput[]): Promise<ScoredOutput[]>;
}

export interface RemoteParts {
  readonly http: HttpClient;
  readonly url: string;
  readonly topic: string;
  readonly own: OwnTransactions;
  readonly outcomes: Outcomes;
  readonly stop: AbortSignal;
}

/** One page of a host's list. */
export interface ListedPage {
  readonly unknown: readonly ScoredOutput[];
  /** There may be more after `until`. */
  readonly isFull: boolean;
  readonly until: number;
}

/** The host at the other end, for the class of `@bsv/gasp`. Whatever it says has been read strictly before that class, or anything else, sees it. */
export class GaspRemote implements GASPRemote {
  /** The page that was listed last. */
  page: ListedPage | undefined;
  private outages = 0;
  /** Inputs that a topic would like to see were asked for before GASP asks: not every host has them. */
  private readonly fetched = new Map<string, GASPNode>();

  constructor(private readonly parts: RemoteParts) {}

  async getInitialResponse({ version, since }: GASPInitialRequest): Promise<GASPInitialResponse> {
    const request = { version, since, limit: PAGE_OUTPUTS };
    const listed = readListing(await this.ask('/requestSyncResponse', request, LISTING_BYTES_MAX));
    const unknown = await this.parts.own.listUnknown(listed);
    this.page = { unknown, isFull: listed.length >= PAGE_OUTPUTS, until: listed.at(-1)?.score ?? since };
    const UTXOList = unknown.map(({ txid, vout: outputIndex, score }) => ({ txid, outputIndex, score }));
    return { UTXOList, since };
  }

  requestNode(graphID: string, txid: string, outputIndex: number): Promise<GASPNode> {
    return this.parts.outcomes.follow(graphID, async () => {
      if (!isTxid(txid)) throw lie('an input names something that is no transaction');
      const key = `${graphID} ${txid}.${outputIndex}`;
      const known = this.fetched.get(key);
      this.fetched.delete(key);
      return known ?? (await this.fetchNode(graphID, txid, outputIndex));
    });
  }

  /** Whether the host, or our own ledger, has this node; then it is kept for the question that follows. */
  async offersNode(graphID: string, txid: Txid, outputIndex: number): Promise<boolean> {
    try {
      this.fetched.set(`${graphID} ${txid}.${outputIndex}`, await this.fetchNode(graphID, txid, outputIndex));
      return true;
    } catch (fault) {
      if (fault instanceof GaspFault && !fault.isPassing) return false;
      throw fault;
    }
  }

  /** What was asked for on behalf of a graph that ended. */
  forgetFetched(): void {
    this.fetched.clear();
  }

  getInitialReply(): Promise<GASPInitialReply> {
    return Promise.reject(new Error('This gateway fetches and does not push.'));
  }

  submitNode(): Promise<never> {
    return Promise.reject(new Error('This gateway fetches and does not push.'));
  }

  private async fetchNode(graphID: string, txid: Txid, outputIndex: number): Promise<GASPNode> {
    const own = await this.parts.own.findOwn(txid);
    if (own !== undefined) return writeNode(graphID, outputIndex, own);
    const request = { graphID, txid, outputIndex, metadata: false };
    const node = readForeignNode(await this.ask('/requestForeignGASPNode', request, NODE_BYTES_MAX));
    if (node.graphId !== graphID) throw lie('the node is of another graph');
    if (node.transaction.txid !== txid) throw lie('the transaction of the node is not the one that was asked for');
    if (node.vout !== outputIndex) throw lie('the node is of another output');
    return writeNode(graphID, outputIndex, { ...node.transaction, bump: node.bump });
  }

  private async ask(path: string, request: unknown, answerBytesMax: number): Promise<unknown> {
    const { http, url, topic, stop } = this.parts;
    if (stop.aborted) throw outage('the round has ended');
    if (this.outages >= OUTAGES_MAX) throw outage('the host does not answer any more');
    const send = http.send(
      {
        ...{ method: 'POST', url: `${url}${path}`, timeoutMs: EXCHANGE_MS, answerBytesMax },
        headers: { 'content-type': 'application/json', accept: 'application/json', 'x-bsv-topic': topic },
        body: JSON.stringify(request),
      },
      stop,
    );
    const answer = await send.catch((fault: unknown) => this.countOutage(describe(fault)));
    const passing = answer.status === 429 || answer.status >= 500;
    if (passing) return this.countOutage(`answered ${answer.status}`);
    this.outages = 0;
    if (answer.status !== 200) throw lie(`answered ${answer.status}`);
    return readJson(answer);
  }

  private countOutage(reason: string): never {
    this.outages += 1;
    throw outage(reason);
  }

  /** Whether the round should go on to the next output. */
  get isDown(): boolean {
    return this.parts.stop.aborted || this.outages >= OUTAGES_MAX;
  }
}

const describe = (fault: unknown): string => (fault instanceof Error ? fault.message : 'not reached');

function readJson({ body }: OutboundAnswer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw lie('the answer is not JSON');
  }
}
