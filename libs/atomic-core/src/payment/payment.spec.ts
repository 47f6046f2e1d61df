import { P2PKH, PrivateKey, ProtoWallet, PublicKey } from '@bsv/sdk';
import type { Transaction } from '../beef/transaction';
import { openGatewayKeys } from '../identity/gateway-keys';
import { checkPayment } from './check-payment';
import { findPrice } from './find-price';
import { readPayment } from './read-payment';
import { requestDigest } from './request-digest';

const keys = openGatewayKeys('22'.repeat(32));
const payerWallet = new ProtoWallet(PrivateKey.fromHex('33'.repeat(32)));
const payer = PrivateKey.fromHex('33'.repeat(32)).toPublicKey().toString();

const payingScript = async (prefix: string, suffix: string): Promise<Uint8Array> => {
  const { publicKey } = await payerWallet.getPublicKey({
    protocolID: [2, '3241645161d8'],
    keyID: `${prefix} ${suffix}`,
    counterparty: keys.identityKey,
  });
  return new P2PKH().lock(PublicKey.fromString(publicKey).toAddress()).toUint8Array();
};
const transactionWith = (...outputs: { satoshis: number; lockingScript: Uint8Array }[]): Transaction =>
  ({ txid: 'ab'.repeat(32), outputs }) as unknown as Transaction;

describe('a payment', () => {
  const terms = { derivationPrefix: 'prefix', satoshis: 200, payer };
  const judge = (payment: Transaction, over: Partial<typeof terms> = {}): string | number => {
    const result = checkPayment(keys, { ...terms, ...over }, 'suffix', payment);
    return result.ok ? result.value.satoshis : result.rejection.code;
  };

  it('is accepted at output 0 with the price or more', async () => {
    const lockingScript = await payingScript('prefix', 'suffix');
    expect(judge(transactionWith({ satoshis: 200, lockingScript }))).toBe(200);
    expect(judge(transactionWith({ satoshis: 999, lockingScript }))).toBe(999);
  });

  it('is refused one satoshi below the price, at another output, or without outputs (P1, C1)', async () => {
    const lockingScript = await payingScript('prefix', 'suffix');
    const other = await payingScript('prefix', 'other');
    expect(judge(transactionWith({ satoshis: 199, lockingScript }))).toBe('payment-underpaid');
    const atOutput1 = transactionWith({ satoshis: 900, lockingScript: other }, { satoshis: 200, lockingScript });
    expect(judge(atOutput1)).toBe('payment-wrong-key');
    expect(judge(transactionWith())).toBe('payment-wrong-key');
  });

  it('is refused for other terms or another payer (C2)', async () => {
    const lockingScript = await payingScript('prefix', 'suffix');
    const payment = transactionWith({ satoshis: 200, lockingScript });
    expect(judge(payment, { derivationPrefix: 'other' })).toBe('payment-wrong-key');
    expect(judge(payment, { payer: PrivateKey.fromHex('44'.repeat(32)).toPublicKey().toString() })).toBe(
      'payment-wrong-key',
    );
  });
});

describe('the payment header', () => {
  const transaction = Buffer.from('0101010100', 'hex').toString('base64');
  const good = { derivationPrefix: 'p', derivationSuffix: 's', transaction };
  const read = (value: unknown): string => {
    const result = readPayment(typeof value === 'string' ? value : JSON.stringify(value));
    return result.ok ? 'ok' : result.rejection.code;
  };
  it('is read', () => expect(read(good)).toBe('ok'));
  it.each<[unknown]>([
    ['not json'],
    ['null'],
    ['[]'],
    ['"text"'],
    [{ ...good, derivationPrefix: undefined }],
    [{ ...good, derivationPrefix: 'a b' }],
    [{ ...good, derivationSuffix: 5 }],
    [{ ...good, derivationSuffix: '' }],
    [{ ...good, derivationSuffix: 's'.repeat(257) }],
    [{ ...good, transaction: 'not base64!' }],
    [{ ...good, transaction: '' }],
    [{ ...good, transaction: Buffer.from('0200beef00', 'hex').toString('base64') }],
  ])('%j is malformed', (value) => expect(read(value)).toBe('payment-malformed'));
});

describe('the price list', () => {
  const prices = [
    { method: 'POST', path: '/v1/submissions', satoshis: 200 },
    { method: 'GET', path: '/v1/submissions/*/beef', satoshis: 5 },
    { method: 'GET', path: '/v1/free', satoshis: 0 },
  ];
  it.each<[string, string, number]>([
    ['POST', '/v1/submissions', 200],
    ['GET', '/v1/submissions', 0],
    ['GET', '/v1/submissions/:idOrTxid/beef', 5],
    ['HEAD', '/v1/submissions/:idOrTxid/beef', 5],
    ['GET', '/v1/submissions/:idOrTxid', 0],
    ['GET', '/v1/free', 0],
  ])('%s %s costs %i', (method, route, satoshis) => expect(findPrice(prices, method, route)).toBe(satoshis));
});

describe('the request digest', () => {
  const base = {
    method: 'POST',
    url: '/v1/x?a=1',
    topics: undefined,
    idempotencyKey: undefined,
    body: Buffer.from('b'),
  };
  it('is the same for the same request and differs with every part', () => {
    const digests = [
      base,
      { ...base, method: 'PUT' },
      { ...base, url: '/v1/x' },
      { ...base, topics: '' },
      { ...base, topics: '["tm_a"]' },
      { ...base, idempotencyKey: '["tm_a"]' },
      { ...base, body: Buffer.alloc(0) },
    ].map((meaning) => requestDigest(meaning).toString('hex'));
    expect(new Set(digests).size).toBe(digests.length);
    expect(requestDigest({ ...base }).toString('hex')).toBe(digests[0]);
  });
});
