import type { GASPNode, GASPNodeResponse, GASPOutput, GASPStorage } from '@bsv/gasp';
import { writeBeef, type GraphTransaction, type Txid } from '#atomic-core';
import { ForeignGraph } from './foreign-graph';
import { lie } from './gasp-fault';
import type { GraphJudge } from './graph-judge';
import type { GaspRemote } from './gasp-remote';
import type { Outcomes } from './outcomes';
import { readForeignNode, readPrintedOutpoint, type Outpoint } from './read-foreign';

/**
 * Our side of GASP: graphs are gathered here and judged by {@link GraphJudge}. Driven one graph at a time (`sequential`), so that one is in memory, and so that
 * an output finds applied what was listed before it.
 */
export class GaspStorage implements GASPStorage {
  private graph: ForeignGraph | undefined;

  constructor(
    private readonly judge: GraphJudge,
    private readonly remote: Pick<GaspRemote, 'offersNode' | 'forgetFetched'>,
    private readonly outcomes: Outcomes,
  ) {}

  /** None: what is known was taken out of the host's list, page by page, instead of being read whole. */
  findKnownUTXOs(): Promise<GASPOutput[]> {
    return Promise.resolve([]);
  }

  hydrateGASPNode(): Promise<GASPNode> {
    return Promise.reject(new Error('This gateway fetches and does not push.'));
  }

  appendToGraph(node: GASPNode, spentBy?: string): Promise<void> {
    return this.outcomes.follow(node.graphID, () => {
      if (spentBy === undefined) this.open(node.graphID);
      const graph = this.current(node.graphID);
      const spender = spentBy === undefined ? undefined : readOutpointOf(spentBy).txid;
      graph.add(readForeignNode(node), spender);
      return Promise.resolve();
    });
  }

  findNeededInputs(node: GASPNode): Promise<GASPNodeResponse | undefined> {
    return this.outcomes.follow(node.graphID, async () => {
      const graph = this.current(node.graphID);
      const { transaction, bump } = readForeignNode(node);
      const needed = await this.listNeeded(graph, { ...transaction, bump });
      const requestedInputs: GASPNodeResponse['requestedInputs'] = {};
      for (const { txid, vout } of needed) requestedInputs[`${txid}.${vout}`] = { metadata: false };
      return needed.length === 0 ? undefined : { requestedInputs };
    });
  }

  validateGraphAnchor(graphID: string): Promise<void> {
    return this.outcomes.follow(graphID, () => this.judge.validate(this.current(graphID)));
  }

  finalizeGraph(graphID: string): Promise<void> {
    return this.outcomes.follow(graphID, async () => {
      await this.judge.apply(this.current(graphID));
      this.outcomes.take(graphID);
      this.close();
    });
  }

  discardGraph(): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /**
   * Of an unproven transaction all inputs that the topic does not have; of a proven one those that the topic asks for, as far as the host has them. Only a
   * transaction's own inputs: nothing else leads from the output back to its history.
   */
  private async listNeeded(graph: ForeignGraph, transaction: GraphTransaction): Promise<Outpoint[]> {
    if (await this.judge.isApplied(transaction.txid)) return [];
    const inputs = transaction.inputs.map(({ parentTxid: txid, parentVout: vout }) => ({ txid, vout }));
    const unknown = await this.judge.listUnknown(inputs.filter(({ txid }) => !graph.has(txid)));
    if (transaction.bump === undefined) return onePerTransaction(unknown);
    const wanted = await this.judge.listWanted(writeBeef([transaction.txid], [transaction]));
    const offered: Outpoint[] = [];
    for (const input of onePerTransaction(unknown.filter(({ txid, vout }) => wanted.has(`${txid}.${vout}`))))
      if (await this.remote.offersNode(printTip(graph), input.txid, input.vout)) offered.push(input);
    return offered;
  }

  private open(graphID: string): void {
    this.close();
    this.graph = new ForeignGraph(readOutpointOf(graphID));
  }

  private close(): void {
    this.graph = undefined;
    this.remote.forgetFetched();
    this.judge.forget();
  }

  private current(graphID: string): ForeignGraph {
    if (this.graph === undefined || printTip(this.graph) !== graphID) throw lie('the node is of another graph');
    return this.graph;
  }
}

const printTip = ({ tip }: ForeignGraph): string => `${tip.txid}.${tip.vout}`;

function readOutpointOf(text: string): Outpoint {
  const outpoint = readPrintedOutpoint(text);
  if (outpoint === undefined) throw lie('a node is named by something that is no outpoint');
  return outpoint;
}

function onePerTransaction(outpoints: readonly Outpoint[]): Outpoint[] {
  const first = new Map<Txid, Outpoint>();
  for (const outpoint of outpoints) if (!first.has(outpoint.txid)) first.set(outpoint.txid, outpoint);
  return [...first.values()];
}
