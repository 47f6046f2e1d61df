import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  accept,
  isTxid,
  limits,
  makeOutpoint,
  printOutpoint,
  readBasketName,
  reject,
  type Outpoint,
  type Result,
} from '#atomic-core';
import { findOutputsByKeys, listBasketOutputs, type TopicOutput } from '#ledger';
import { z } from 'zod';
import { HostedTopics } from '../topics';
import { findAtomicBeef } from './find-atomic-beef';

export interface OutputList {
  readonly type: 'output-list';
  readonly outputs: readonly { readonly beef: readonly number[]; readonly outputIndex: number }[];
}

export interface BasketPage {
  readonly basket: string;
  readonly outputs: readonly { readonly outpoint: string; readonly satoshis: number; readonly lockingScript: string }[];
  /** Give it as `after` for the next page; null on the last. */
  readonly next: string | null;
}

const question = z.strictObject({ service: z.string(), query: z.unknown() });
const OUTPOINT = /^([0-9a-f]{64})\.(0|[1-9][0-9]{0,9})$/;
const VOUT_MAX = 0xffff_ffff;

@Injectable()
export class LookupService {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(HostedTopics) private readonly topics: HostedTopics,
  ) {}

  /** BRC-24: the unspent outputs of a topic that answer the query, each with the BEEF that proves it; as many as the limits let in. */
  async answer(body: unknown): Promise<Result<OutputList>> {
    const asked = question.safeParse(body);
    if (!asked.success) return reject('query-malformed', 'the body is an object with service and query');
    const lookup = this.topics.findLookup(asked.data.service);
    if (!lookup.ok) return lookup;
    const keys = lookup.value.readQuery(asked.data.query);
    if (keys === undefined) return reject('query-malformed');
    const found = await findOutputsByKeys(this.database, lookup.value.topic, keys, limits.LOOKUP_OUTPUTS_MAX);
    const outputs = [];
    let bytes = 0;
    for (const output of found) {
      if (bytes >= limits.LOOKUP_BEEF_BYTES_MAX) break;
      const beef = await findAtomicBeef(this.database, output.txid);
      if (!beef.ok) return beef;
      bytes += beef.value.length;
      outputs.push({ beef: [...beef.value], outputIndex: output.vout });
    }
    return accept({ type: 'output-list', outputs });
  }

  /** What one organisation keeps in one basket, a page at a time. */
  async listBasket(organisation: string, text: string, after: string | undefined): Promise<Result<BasketPage>> {
    const basket = readBasketName(text);
    if (!basket.ok) return basket;
    const from = readAfter(after);
    if (!from.ok) return from;
    const limit = limits.BASKET_OUTPUTS_MAX;
    const page = { limit, ...(from.value && { after: from.value }) };
    const outputs = await listBasketOutputs(this.database, organisation, basket.value, page);
    const last = outputs.length === limit ? outputs.at(-1) : undefined;
    return accept({
      basket: basket.value,
      outputs: outputs.map(writeOutput),
      next: last === undefined ? null : printOutpoint(last.outpoint),
    });
  }
}

function writeOutput({ outpoint, satoshis, lockingScript }: TopicOutput): BasketPage['outputs'][number] {
  return { outpoint: printOutpoint(outpoint), satoshis, lockingScript: lockingScript.toString('hex') };
}

function readAfter(text: string | undefined): Result<Outpoint | undefined> {
  if (text === undefined) return accept(undefined);
  const [, txid = '', vout = ''] = OUTPOINT.exec(text) ?? [];
  if (!isTxid(txid) || Number(vout) > VOUT_MAX) return reject('query-malformed', 'after is <txid>.<vout>');
  return accept(makeOutpoint(txid, Number(vout)));
}
