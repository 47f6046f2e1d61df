import { Utils } from '@bsv/sdk';
import type { BasketCount, BasketPage, BasketQuestion, Reservation, ReservationRequest, Stock } from './basket-answers';
import type { Send } from './call';

type Written<T, Octets extends string> = Omit<T, Octets> & Readonly<Partial<Record<Octets, string | null>>>;

const readOctets = (text: string | null | undefined): Uint8Array | undefined =>
  typeof text === 'string' ? Uint8Array.from(Utils.toArray(text, 'base64')) : undefined;

const readReservation = async (response: Response): Promise<Reservation> => {
  const { inputBEEF, ...reservation } = (await response.json()) as Written<Reservation, 'inputBEEF'>;
  const octets = readOctets(inputBEEF);
  return { ...reservation, ...(octets && { inputBEEF: octets }) };
};

const writeKey = (key: string | undefined): { headers?: Readonly<Record<string, string>> } =>
  key === undefined ? {} : { headers: { 'x-bsv-idempotency-key': key } };

const writeQuery = ({ tags = [], ...rest }: BasketQuestion): string => {
  const query = new URLSearchParams();
  if (tags.length > 0) query.set('tags', tags.join(','));
  for (const [name, value] of Object.entries<string | number | boolean | undefined>(rest))
    if (value !== undefined) query.set(name, String(value));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
};

/** The baskets of the caller's organisation, and what is held in them for a while. */
export class BasketCalls {
  constructor(private readonly send: Send) {}

  /** Every basket that holds something, with its counts. */
  async list(): Promise<readonly BasketCount[]> {
    const response = await this.send({ method: 'GET', path: '/v1/baskets' });
    return ((await response.json()) as { baskets: BasketCount[] }).baskets;
  }

  /** A page of one basket. A tag with a comma in it cannot be asked for here. */
  async listOutputs(basket: string, question: BasketQuestion = {}): Promise<BasketPage> {
    const path = `/v1/baskets/${encodeURIComponent(basket)}/outputs${writeQuery(question)}`;
    const { beef, ...page } = (await (await this.send({ method: 'GET', path })).json()) as Written<BasketPage, 'beef'>;
    const octets = readOctets(beef);
    return { ...page, ...(octets && { beef: octets }) };
  }

  /** The gateway no longer looks after the output; nothing is spent. */
  async relinquish(basket: string, outpoint: string): Promise<void> {
    await this.send({ method: 'DELETE', path: `/v1/baskets/${encodeURIComponent(basket)}/outputs/${outpoint}` });
  }

  /** Holds outputs for one transaction. They are nobody else's until it is submitted with `reservation`, released, or expired. */
  async reserve({ idempotencyKey, ...asked }: ReservationRequest): Promise<Reservation> {
    const body = JSON.stringify(asked);
    const path = '/v1/baskets/reservations';
    return readReservation(await this.send({ method: 'POST', path, body, ...writeKey(idempotencyKey) }));
  }

  /** As it stands now; with `inputBEEF` again while it is held. */
  async findReservation(id: string): Promise<Reservation> {
    return readReservation(await this.send({ method: 'GET', path: pathOf(id) }));
  }

  /** From now on, for `ttlSeconds` or what the gateway gives unasked. */
  async renew(id: string, ttlSeconds?: number): Promise<Reservation> {
    const body = JSON.stringify({ ttlSeconds });
    return readReservation(await this.send({ method: 'POST', path: `${pathOf(id)}/renew`, body }));
  }

  async release(id: string): Promise<Reservation> {
    return readReservation(await this.send({ method: 'DELETE', path: pathOf(id) }));
  }

  async listStock(): Promise<readonly Stock[]> {
    const response = await this.send({ method: 'GET', path: '/v1/inventory' });
    return ((await response.json()) as { products: Stock[] }).products;
  }

  async findStock(product: string): Promise<Stock> {
    const path = `/v1/inventory/${encodeURIComponent(product)}`;
    return (await (await this.send({ method: 'GET', path })).json()) as Stock;
  }

  /** Holds at least `quantity` units of a product. */
  async reserveStock(
    product: string,
    { idempotencyKey, ...asked }: Pick<ReservationRequest, 'ttlSeconds' | 'idempotencyKey'> & { quantity: number },
  ): Promise<Reservation> {
    const path = `/v1/inventory/${encodeURIComponent(product)}/reservations`;
    const body = JSON.stringify(asked);
    return readReservation(await this.send({ method: 'POST', path, body, ...writeKey(idempotencyKey) }));
  }
}

const pathOf = (id: string): string => `/v1/baskets/reservations/${encodeURIComponent(id)}`;
