import { readOutpoint } from '#atomic-core';
import type { Outpoint, Satoshis } from '#atomic-core';
import type { Database } from './database';
import { BasketOutputEntity } from './entities/basket-output';
import { tenantOf } from './tenant';

/** An output that lies in a basket of the organisation, or did: where it stands in the order of arrival, and what it is worth. */
export const findBasketOutput = async (
  db: Database,
  organisation: string,
  { basket, outpoint }: { readonly basket: string; readonly outpoint: Outpoint },
): Promise<{ readonly place: number; readonly satoshis: Satoshis } | undefined> => {
  const [kept] = await tenantOf(db, organisation)
    .getRepository(BasketOutputEntity)
    .find({
      // Not its script, which may be megabytes.
      select: { organisation: true, txid: true, vout: true, place: true, satoshis: true },
      where: { organisation, basket, ...readOutpoint(outpoint) },
    });
  return kept && { place: kept.place, satoshis: kept.satoshis };
};
