import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { accept, printOutpoint, readBasketName, type Result } from '#atomic-core';
import { listBaskets, relinquishOutput } from '#ledger';
import type { Caller } from '../identity';
import { listPage } from './list-page';
import { readListing } from './read-listing';
import { readOutpointText } from './read-outpoint';
import { writeOutput, type WrittenOutput } from './write-outputs';

export interface BasketPage {
  readonly basket: string;
  /** Outputs that the question finds in all. */
  readonly total: number;
  readonly outputs: readonly WrittenOutput[];
  /** Give it as `after` for the next page; null on the last, and newest first. */
  readonly next: string | null;
  /** Base64, where the transactions were asked for. */
  readonly beef?: string;
}

/** What an organisation keeps. Another organisation's baskets are as absent as those that never were. */
@Injectable()
export class BasketsService {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  async list(organisation: string): Promise<{ readonly baskets: Awaited<ReturnType<typeof listBaskets>> }> {
    return { baskets: await listBaskets(this.database, organisation) };
  }

  async listOutputs(organisation: string, basket: string, query: unknown): Promise<Result<BasketPage>> {
    const asked = readListing(basket, query);
    if (!asked.ok) return asked;
    const { listing, members } = asked.value;
    const page = await listPage(this.database, organisation, listing);
    if (!page.ok) return page;
    const { total, outputs, mayGoOn, beef } = page.value;
    const last = mayGoOn && listing.offset >= 0 ? outputs.at(-1) : undefined;
    return accept({
      basket: listing.basket,
      total,
      outputs: outputs.map((output) => writeOutput(output, members)),
      next: last === undefined ? null : printOutpoint(last.outpoint),
      ...(beef && { beef: beef.toString('base64') }),
    });
  }

  /** It is no longer looked after; nothing is spent. */
  async relinquish(caller: Caller, basketText: string, outpointText: string): Promise<Result<{ relinquished: true }>> {
    const basket = readBasketName(basketText);
    if (!basket.ok) return basket;
    const outpoint = readOutpointText(outpointText, 'the output');
    if (!outpoint.ok) return outpoint;
    const { organisation, identityKey, requestId } = caller;
    const named = { organisation, basket: basket.value, outpoint: outpoint.value, identityKey, requestId };
    const relinquished = await relinquishOutput(this.database, named);
    return relinquished.ok ? accept({ relinquished: true }) : relinquished;
  }
}
