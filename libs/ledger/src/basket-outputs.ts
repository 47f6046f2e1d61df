import { makeOutpoint, txidFromWire } from '#atomic-core';
import type { Satoshis } from '#atomic-core';
import { onlyRow, runStatement } from './database';
import type { Database } from './database';
import type { TopicOutput } from './find-outputs';
import { tenantOf } from './tenant';

/** An output as its organisation keeps it (BRC-46). */
export interface BasketOutput extends TopicOutput {
  readonly tags: readonly string[];
  readonly customInstructions?: string;
  readonly quantity: number;
  /** What the organisation calls the transaction, over all its submissions of it. */
  readonly labels: readonly string[];
  /** There while a reservation holds it. */
  readonly reservedUntil?: Date;
  /** In the basket, and free for whoever of the organisation asks for it. */
  readonly spendable: boolean;
  /** Its place in the order of arrival, over all baskets. */
  readonly place: number;
}

interface BasketOutputRow {
  readonly txid: Buffer;
  readonly vout: number;
  readonly satoshis: string;
  readonly script: Buffer;
  readonly tags: string[];
  readonly instructions: string | null;
  readonly quantity: string;
  readonly labels: string[];
  readonly reserved_until: Date | null;
  readonly spendable: boolean;
  readonly place: string;
}

/** Of a row `b` of basket_output. */
const COLUMNS = `b.txid, b.vout, b.satoshis, b.locking_script as script, b.tags, b.custom_instructions as instructions, b.quantity, b.place,
  case when b.reserved_until > clock_timestamp() then b.reserved_until end as reserved_until,
  b.removed_by is null and not b.retracted and not b.relinquished and not coalesce(b.reserved_until > clock_timestamp(), false) as spendable,
  array(select distinct label from (select h.* from portcullis.transition h where h.txid = b.txid offset 0) t, unnest(t.labels) label
    where t.organisation = b.organisation and t.settlement <> 'retracted' order by 1) as labels`;
const LIVE = 'b.removed_by is null and not b.retracted and not b.relinquished';

const readRow = (row: BasketOutputRow): BasketOutput => {
  const { txid, vout, satoshis, script, tags, instructions, quantity, labels, reserved_until, spendable, place } = row;
  const id = txidFromWire(txid);
  return {
    ...{ txid: id, vout, outpoint: makeOutpoint(id, vout), satoshis: Number(satoshis), lockingScript: script },
    ...{ tags, quantity: Number(quantity), labels, spendable, place: Number(place) },
    ...(instructions !== null && { customInstructions: instructions }),
    ...(reserved_until !== null && { reservedUntil: reserved_until }),
  };
};

export interface BasketPage {
  readonly tags?: readonly string[];
  /** Whether one of the tags is enough; `any` unless said (BRC-100). */
  readonly tagQueryMode?: 'any' | 'all';
  readonly limit: number;
  /** To be passed over; negative: newest first, -1 beginning with the newest (BRC-100). */
  readonly offset?: number;
  /** The place of the last output of the page before. */
  readonly after?: number;
  /** Of the page before: it is not counted again. */
  readonly total?: number;
}

/** What is in one basket of one organisation now, in the order of arrival, and how much answers to the tags in all. */
export const listBasketOutputs = async (
  db: Database,
  organisation: string,
  basket: string,
  page: BasketPage,
): Promise<{ total: number; outputs: BasketOutput[] }> => {
  const { limit, offset = 0, after = 0 } = page;
  const tags = [...new Set(page.tags ?? [])];
  const every = page.tagQueryMode === 'all';
  const skip = offset < 0 ? -offset - 1 : offset;
  const order = offset < 0 ? 'desc' : 'asc';
  const asked = tags.length === 0 ? [organisation, basket] : [organisation, basket, tags];
  const own = tenantOf(db, organisation);
  const rows = await runStatement<BasketOutputRow[]>(own, writePage(tags, every, order), [
    ...asked,
    limit,
    skip,
    after,
  ]);
  const count = (): Promise<{ total: string }[]> => runStatement(own, writeTotal(tags, every), asked);
  const total = page.total ?? Number(onlyRow(await count()).total);
  return { total, outputs: rows.map(readRow) };
};

/** From the index in its order to the outputs, no further than the page. */
const writePage = (tags: readonly string[], every: boolean, order: 'asc' | 'desc'): string => {
  if (tags.length === 0) {
    return `select ${COLUMNS} from portcullis.basket_output b where b.organisation = $1 and b.basket = $2 and ${LIVE} and b.place > $5
      order by b.place ${order} limit $3 offset $4`;
  }
  const lookUp = `cross join lateral (select h.* from portcullis.basket_output h
    where h.organisation = $1 and h.txid = found.txid and h.vout = found.vout offset 0) b`;
  const found = `select t.place, t.txid, t.vout from portcullis.basket_output_tag t where t.organisation = $1 and t.basket = $2 and t.place > $6`;
  if (every) {
    return `select ${COLUMNS} from (${found} and t.tag = ($3::text[])[1]) found ${lookUp} where b.tags @> $3::text[]
      order by found.place ${order} limit $4 offset $5`;
  }
  return `select ${COLUMNS} from (select distinct first.* from unnest($3::text[]) given (tag)
      cross join lateral (${found} and t.tag = given.tag order by t.place ${order} limit $4::bigint + $5::bigint) first
      order by first.place ${order} limit $4 offset $5) found ${lookUp}
    order by b.place ${order}`;
};

const writeTotal = (tags: readonly string[], every: boolean): string => {
  if (tags.length === 0) {
    return `select count(*) as total from portcullis.basket_output b where b.organisation = $1 and b.basket = $2 and ${LIVE}`;
  }
  const tagged = `from portcullis.basket_output_tag t where t.organisation = $1 and t.basket = $2 and t.tag = any($3::text[])`;
  return every
    ? `select count(*) as total from (select ${tagged} group by t.place having count(*) = cardinality($3::text[])) matched`
    : `select count(distinct t.place) as total ${tagged}`;
};

/** What a reservation holds, or consumed. */
export const listReservedOutputs = async (
  db: Database,
  organisation: string,
  reservation: string,
): Promise<BasketOutput[]> =>
  (
    await runStatement<BasketOutputRow[]>(
      tenantOf(db, organisation),
      `select ${COLUMNS} from portcullis.basket_output b where b.reserved_by = $1 order by b.place`,
      [reservation],
    )
  ).map(readRow);

export interface BasketSummary {
  readonly basket: string;
  readonly outputs: number;
  readonly satoshis: Satoshis;
  readonly quantity: number;
  /** How much of the quantity reservations hold now. */
  readonly reserved: number;
}

type SummaryRow = Record<Exclude<keyof BasketSummary, 'basket'>, string> & { readonly basket: string };

/** One basket, or all that hold something, by name. Read from an index alone, and as long as what is in them. */
export const listBaskets = async (db: Database, organisation: string, basket?: string): Promise<BasketSummary[]> => {
  const rows = await runStatement<SummaryRow[]>(
    tenantOf(db, organisation),
    `select b.basket, count(*) as outputs, sum(b.satoshis) as satoshis, sum(b.quantity) as quantity,
       coalesce(sum(b.quantity) filter (where b.reserved_until > clock_timestamp()), 0) as reserved
     from portcullis.basket_output b where b.organisation = $1 and ($2::text is null or b.basket = $2) and ${LIVE}
     group by b.basket order by b.basket`,
    [organisation, basket ?? null],
  );
  return rows.map(({ basket: name, outputs, satoshis, quantity, reserved }) => ({
    basket: name,
    outputs: Number(outputs),
    satoshis: Number(satoshis),
    quantity: Number(quantity),
    reserved: Number(reserved),
  }));
};

/** Units of one product, which is one basket. */
export interface InventoryLine {
  readonly product: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
}

const writeLine = ({ basket, quantity, reserved }: BasketSummary): InventoryLine => ({
  product: basket,
  onHand: quantity,
  reserved,
  available: quantity - reserved,
});

export const listInventory = async (db: Database, organisation: string): Promise<InventoryLine[]> =>
  (await listBaskets(db, organisation)).map(writeLine);

/** Of what was never in stock there is none. */
export const findInventory = async (db: Database, organisation: string, product: string): Promise<InventoryLine> => {
  const [basket] = await listBaskets(db, organisation, product);
  return writeLine(basket ?? { basket: product, outputs: 0, satoshis: 0, quantity: 0, reserved: 0 });
};
