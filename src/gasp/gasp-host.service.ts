import type { GASPInitialResponse, GASPNode } from '@bsv/gasp';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { accept, limits, makeOutpoint, reject, type Result } from '#atomic-core';
import { findHoldingTopics, findTransactions, listScoredOutputs } from '#ledger';
import { AncestryWalks } from './ancestry-walks';
import type { ListQuestion, NodeQuestion } from './read-gasp-request';
import { writeNode } from './write-node';

/** What other hosts fetch from here by GASP. */
@Injectable()
export class GaspHost {
  private readonly walks: AncestryWalks;

  constructor(@Inject(DataSource) private readonly database: DataSource) {
    this.walks = new AncestryWalks(database);
  }

  /** Unspent outputs after a score, in the order in which they were committed. */
  async list(topic: string, { since, limit }: ListQuestion): Promise<GASPInitialResponse> {
    const page = { after: since, limit: Math.min(limit ?? limits.GASP_PAGE_MAX, limits.GASP_PAGE_MAX) };
    const found = await listScoredOutputs(this.database, topic, page);
    return { UTXOList: found.map(({ txid, vout: outputIndex, score }) => ({ txid, outputIndex, score })), since };
  }

  /** The topics that the tip of a graph is an output of. */
  findTopics({ tip }: NodeQuestion): Promise<string[]> {
    return findHoldingTopics(this.database, makeOutpoint(tip.txid, tip.vout));
  }

  /** One transaction of the graph, with its proof where it has one. */
  async findNode({ graphId, tip, wanted }: NodeQuestion): Promise<Result<GASPNode>> {
    const isOfGraph = await this.walks.reaches(tip.txid, wanted.txid);
    const [found] = isOfGraph ? await findTransactions(this.database, [wanted.txid]) : [];
    if (found?.outputs[wanted.vout] === undefined) return reject('output-unknown', NOT_OF_GRAPH);
    return accept(writeNode(graphId, wanted.vout, found));
  }
}

const NOT_OF_GRAPH = 'No output of this name is part of the graph that was named.';
