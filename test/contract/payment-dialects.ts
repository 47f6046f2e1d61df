import { randomBytes } from 'node:crypto';
import { request as openRequest } from 'node:http';
import { P2PKH, PublicKey } from '@bsv/sdk';
import type { SchemeNetworkClient } from '@x402/core/types';
import type { DevWallet } from '#testkit';
import { type RawAnswer, RawCaller, type RawRequest, readAnswer, replaceHeaders, sendHttp } from './raw-caller';

/** What a payer was told. */
export interface Terms {
  readonly satoshis: number;
  readonly payee: string;
  /** BRC-105 alone. */
  readonly prefix?: string;
  /** x402 alone: one of `accepts`. */
  readonly accepted?: Readonly<Record<string, unknown>>;
}

/** What the key that is paid is derived from, and where it is paid. */
export interface Remittance {
  readonly payer: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly vout: number;
  readonly terms: Terms;
}

export interface Payment extends Remittance {
  /** Atomic BEEF. */
  readonly transaction: Uint8Array;
}

/** One way to pay, with what an attack may want to do differently. */
export interface Dialect {
  readonly name: 'brc-105' | 'brc-118' | 'brc-121' | 'x402';
  /** How long a payment of its own time counts; undefined where terms have an end of their own. */
  readonly lifeMs: number | undefined;
  send(client: Client, request: RawRequest, payment?: Payment): Promise<RawAnswer>;
  /** The same with its payment twice. */
  sendTwice(client: Client, request: RawRequest, payment: Payment): Promise<RawAnswer>;
}

export interface Client {
  readonly url: string;
  readonly wallet: DevWallet;
  /** Of the session, where the dialect has one. */
  readonly session: RawCaller;
}

export const openClient = async (url: string, wallet: DevWallet): Promise<Client> => ({
  url,
  wallet,
  session: await RawCaller.open(url, wallet),
});

export const at = (client: Client, url: string): Client => ({ ...client, url, session: client.session.at(url) });

const base64 = (octets: Uint8Array | string): string => Buffer.from(octets).toString('base64');

export const readTerms = (dialect: Dialect, { headers }: RawAnswer): Terms => {
  if (dialect.lifeMs === undefined) {
    return {
      prefix: headers.get('x-bsv-payment-derivation-prefix') ?? '',
      satoshis: Number(headers.get('x-bsv-payment-satoshis-required')),
      payee: headers.get('x-bsv-auth-identity-key') ?? '',
    };
  }
  if (dialect.name === 'brc-121')
    return { satoshis: Number(headers.get('x-bsv-sats')), payee: headers.get('x-bsv-server') ?? '' };
  const required = Buffer.from(headers.get('payment-required') ?? '', 'base64').toString('utf8');
  const { accepts } = JSON.parse(required) as { accepts: [Record<string, unknown>] };
  return { satoshis: Number(accepts[0]['amount']), payee: String(accepts[0]['payTo']), accepted: accepts[0] };
};

/** As the payer of this dialect derives it, at this time. */
export const remit = (dialect: Dialect, wallet: DevWallet, terms: Terms, paidAtMs = Date.now()): Remittance => ({
  payer: wallet.identityKey,
  prefix: terms.prefix ?? base64(randomBytes(8)),
  suffix: terms.prefix === undefined ? base64(String(paidAtMs)) : base64(randomBytes(8)),
  vout: 0,
  terms,
});

export const lockTo = async (wallet: DevWallet, remittance: Remittance): Promise<string> => {
  const { publicKey } = await wallet.getPublicKey({
    protocolID: [2, '3241645161d8'],
    keyID: `${remittance.prefix} ${remittance.suffix}`,
    counterparty: remittance.terms.payee,
  });
  return new P2PKH().lock(PublicKey.fromString(publicKey).toAddress()).toHex();
};

const writeMessage = ({ prefix, suffix, transaction }: Payment): string =>
  JSON.stringify({ derivationPrefix: prefix, derivationSuffix: suffix, transaction: base64(transaction) });

const writeSimple = (payment: Payment): Record<string, string> => ({
  'x-bsv-beef': base64(payment.transaction),
  'x-bsv-sender': payment.payer,
  'x-bsv-nonce': payment.prefix,
  'x-bsv-time': Buffer.from(payment.suffix, 'base64').toString('utf8'),
  'x-bsv-vout': String(payment.vout),
});

const writePayload = ({ transaction, prefix, suffix, payer, vout }: Payment): Record<string, unknown> => ({
  transaction: base64(transaction),
  derivationPrefix: prefix,
  derivationSuffix: suffix,
  senderIdentityKey: payer,
  outputIndex: vout,
});

const writeX402 = (payment: Payment): Record<string, string> => {
  const message = { x402Version: 2, accepted: payment.terms.accepted, payload: writePayload(payment) };
  return { 'payment-signature': base64(JSON.stringify(message)) };
};

const BOUNDARY = '----BsvPayment7a3f9e1b0c4d2e8f';
const writePart = (name: string, type: string, octets: Uint8Array | string): Buffer =>
  Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Type: ${type}\r\n\r\n`),
    Buffer.from(octets),
    Buffer.from('\r\n'),
  ]);

/** The request as BRC-118 wraps it, with its payment so many times. */
export const wrap = (request: RawRequest, payment: Payment, times = 1): RawRequest => {
  const type = request.headers?.['content-type'] ?? 'application/octet-stream';
  const parts = Array.from({ length: times }, () =>
    writePart('x-bsv-payment', 'application/json', writeMessage(payment)),
  );
  const body = request.body === undefined ? [] : [writePart('body', type, request.body)];
  return {
    ...replaceHeaders(request, { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }),
    body: Buffer.concat([...parts, ...body, Buffer.from(`--${BOUNDARY}--\r\n`)]),
  };
};

/** Header by header, as `fetch` will not send them. */
const sendRaw = (url: string, request: RawRequest, again: Record<string, string>): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const headers = [...Object.entries(request.headers ?? {}), ...Object.entries(again)].flat();
    const body = Buffer.from(request.body ?? '');
    const host = new URL(url).host;
    const sent = openRequest(`${url}${request.url}`, {
      method: request.method,
      headers: [...headers, 'host', host, 'content-length', String(body.length)] as never,
    });
    sent.once('error', reject).once('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .once('end', () => {
          const init = { status: incoming.statusCode ?? 0, headers: incoming.headers as Record<string, string> };
          resolve(readAnswer(new Response(Buffer.concat(chunks), init)));
        });
    });
    sent.end(body);
  });

type WriteHeaders = (payment: Payment) => Record<string, string>;

const ofStranger = (name: 'brc-121' | 'x402', lifeMs: number, write: WriteHeaders): Dialect => ({
  name,
  lifeMs,
  send: ({ url }, request, payment) =>
    sendHttp(url, payment === undefined ? request : replaceHeaders(request, write(payment))),
  sendTwice: ({ url }, request, payment) => sendRaw(url, replaceHeaders(request, write(payment)), write(payment)),
});

const writeHeader: WriteHeaders = (payment) => ({ 'x-bsv-payment': writeMessage(payment) });

export const dialects: readonly Dialect[] = [
  {
    name: 'brc-105',
    lifeMs: undefined,
    send: ({ session }, request, payment) =>
      session.send(payment === undefined ? request : replaceHeaders(request, writeHeader(payment))),
    sendTwice: async ({ session, url }, request, payment) =>
      sendRaw(url, await session.sign(replaceHeaders(request, writeHeader(payment))), writeHeader(payment)),
  },
  {
    name: 'brc-118',
    lifeMs: undefined,
    send: ({ session }, request, payment) => session.send(payment === undefined ? request : wrap(request, payment)),
    sendTwice: ({ session }, request, payment) => session.send(wrap(request, payment, 2)),
  },
  ofStranger('brc-121', 30_000, writeSimple),
  ofStranger('x402', 90_000, writeX402),
];

export const findDialect = (name: Dialect['name']): Dialect => {
  const found = dialects.find((dialect) => dialect.name === name);
  if (found === undefined) throw new Error(`Nobody speaks ${name}.`);
  return found;
};

/** A right payment from the coins of the wallet. */
export const payFrom = async (wallet: DevWallet, dialect: Dialect, terms: Terms): Promise<Payment> => {
  const remittance = remit(dialect, wallet, terms);
  const lockingScript = await lockTo(wallet, remittance);
  const { tx = [] } = await wallet.createAction({
    description: 'a payment',
    outputs: [{ satoshis: terms.satoshis, lockingScript, outputDescription: 'a payment' }],
  });
  return { ...remittance, transaction: Uint8Array.from(tx) };
};

/** The scheme `exact` on BSV for the published client of x402, as the text of the scheme has it. */
export const openScheme = (findWallet: () => DevWallet): SchemeNetworkClient => ({
  scheme: 'exact',
  createPaymentPayload: async (x402Version, { amount, payTo }) => {
    const terms = { satoshis: Number(amount), payee: payTo };
    return { x402Version, payload: writePayload(await payFrom(findWallet(), findDialect('x402'), terms)) };
  },
});
