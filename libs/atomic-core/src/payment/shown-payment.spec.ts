import { PrivateKey } from '@bsv/sdk';
import { readPaymentParts } from './read-multipart';
import { readSimplePayment } from './read-simple-payment';
import { openX402Header, readX402Payment } from './read-x402-payment';

const base64 = (value: string | Uint8Array): string => Buffer.from(value).toString('base64');
const sender = PrivateKey.fromHex('33'.repeat(32)).toPublicKey().toString();
const atomic = base64(Buffer.concat([Buffer.of(1, 1, 1, 1), Buffer.alloc(32, 7), Buffer.of(0)]));
const nonce = base64(Buffer.alloc(8, 5));
const time = '1719500000000';

describe('the headers of BRC-121', () => {
  const good = { beef: atomic, sender, nonce, time, vout: '0' };
  const judge = (over: Partial<Record<keyof typeof good, string | undefined>>): unknown => {
    const read = readSimplePayment({ ...good, ...over } as typeof good);
    return read.ok ? read.value : read.rejection.code;
  };

  it('are read, with the time as the suffix', () => {
    expect(judge({ vout: '4294967295' })).toMatchObject({
      ...{ dialect: 'brc-121', payer: sender, derivationPrefix: nonce, vout: 4_294_967_295, atMs: 1_719_500_000_000 },
      derivationSuffix: base64(time),
    });
  });

  it.each<[string, Parameters<typeof judge>[0]]>([
    ['no sender', { sender: undefined }],
    ['a sender in upper case, which is another text for the same key', { sender: sender.toUpperCase() }],
    ['a sender that is no point of the curve', { sender: `02${'00'.repeat(32)}` }],
    ['a sender beyond the field', { sender: `02${'ff'.repeat(32)}` }],
    ['no nonce', { nonce: undefined }],
    ['a nonce of nothing', { nonce: '' }],
    ['a nonce that is not base64', { nonce: 'a b' }],
    ['a nonce in a second spelling', { nonce: `${nonce.slice(0, -2)}V=` }],
    ['a nonce that leaves the key id no room', { nonce: base64(Buffer.alloc(97)) }],
    ['no time', { time: undefined }],
    ['a time in seconds', { time: '1719500000' }],
    ['a time with a sign', { time: '+719500000000' }],
    ['a time with a zero in front', { time: '0719500000000' }],
    ['no index', { vout: undefined }],
    ['an index with a zero in front', { vout: '00' }],
    ['a negative index', { vout: '-1' }],
    ['an index beyond 32 bits', { vout: '4294967296' }],
    ['a transaction that is not base64', { beef: '!' }],
    ['a plain BEEF', { beef: base64(Buffer.concat([Buffer.from('0200beef', 'hex'), Buffer.alloc(40)])) }],
    ['an Atomic BEEF that ends in its head', { beef: base64(Buffer.of(1, 1, 1, 1, 7)) }],
  ])('with %s are malformed', (_what, over) => {
    expect(judge(over)).toBe('payment-malformed');
  });
});

describe('the payment of x402', () => {
  const accepted = {
    ...{ scheme: 'exact', network: 'bsv:mainnet', amount: '100', asset: 'BSV', payTo: sender, maxTimeoutSeconds: 60 },
    extra: {},
  };
  const payload = {
    ...{ transaction: atomic, derivationPrefix: nonce, derivationSuffix: base64(time) },
    ...{ senderIdentityKey: sender, outputIndex: 3 },
  };
  const good = { x402Version: 2, accepted, payload };
  const judge = (value: unknown): unknown => {
    const read = readX402Payment(openX402Header(base64(JSON.stringify(value))));
    return read.ok ? read.value : read.rejection.code;
  };

  it('is read, with the amount that it says', () => {
    expect(judge(good)).toMatchObject({
      accepted: { amount: '100', payTo: sender },
      shown: { dialect: 'x402', payer: sender, vout: 3, exactSatoshis: 100, atMs: 1_719_500_000_000 },
    });
    const shouted = { ...payload, senderIdentityKey: sender.toUpperCase() };
    expect(judge({ ...good, payload: shouted })).toMatchObject({ shown: { payer: sender } });
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['a list', [good]],
    ['version 1', { ...good, x402Version: 1 }],
    ['another scheme', { ...good, accepted: { ...accepted, scheme: 'upto' } }],
    ['a network that is named after a block', { ...good, accepted: { ...accepted, network: 'bip122:0000' } }],
    ['another asset', { ...good, accepted: { ...accepted, asset: 'USDC' } }],
    ['an amount that is a number', { ...good, accepted: { ...accepted, amount: 100 } }],
    ['an amount of nothing', { ...good, accepted: { ...accepted, amount: '0' } }],
    ['an amount beyond exact numbers', { ...good, accepted: { ...accepted, amount: '9999999999999999' } }],
    [
      'an address in place of a key',
      { ...good, accepted: { ...accepted, payTo: '1BoatSLRHtKNngkdXEeobR76b53LETtpyT' } },
    ],
    ['no payload', { ...good, payload: undefined }],
    ['seven octets of prefix', { ...good, payload: { ...payload, derivationPrefix: base64(Buffer.alloc(7)) } }],
    ['a suffix that is no time', { ...good, payload: { ...payload, derivationSuffix: base64('soon') } }],
    ['an index that is text', { ...good, payload: { ...payload, outputIndex: '0' } }],
    ['half an index', { ...good, payload: { ...payload, outputIndex: 0.5 } }],
    ['a sender that is no key', { ...good, payload: { ...payload, senderIdentityKey: '02' } }],
    ['no transaction', { ...good, payload: { ...payload, transaction: '' } }],
  ])('with %s is malformed', (_what, value) => {
    expect(judge(value)).toBe('payment-malformed');
  });

  it('is nothing where the header is not base64 of JSON', () => {
    for (const header of ['', 'e30', '{}', base64('{')]) expect(openX402Header(header)).toBeUndefined();
  });
});

describe('a multipart body (BRC-118)', () => {
  const TYPE = 'multipart/form-data; boundary=----B';
  const payment =
    '------B\r\nContent-Disposition: form-data; name="x-bsv-payment"\r\nContent-Type: application/json\r\n\r\n{}\r\n';
  const body =
    '------B\r\nContent-Disposition: form-data; name="body"\r\nContent-Type: text/plain\r\n\r\na--\r\n--b\r\n';
  const END = '------B--\r\n';
  const judge = (text: string, type = TYPE): unknown => {
    const read = readPaymentParts(type, Buffer.from(text, 'latin1'));
    if (!read.ok) return read.rejection.code;
    const { payment: message, body: octets, contentType } = read.value;
    return [message, octets && Buffer.from(octets).toString('latin1'), contentType];
  };

  it('is the payment and the body, in either order and with nothing around', () => {
    const both = ['{}', 'a--\r\n--b', 'text/plain'];
    expect(judge(payment + body + END)).toEqual(both);
    expect(judge(body + payment + END)).toEqual(both);
    expect(judge(payment + body + END.trimEnd(), 'Multipart/Form-Data; boundary="----B"')).toEqual(both);
  });

  it('may have no body', () => expect(judge(payment + END)).toEqual(['{}', undefined, undefined]));

  it.each<[string, string, string?]>([
    ['nothing in it', ''],
    ['its end alone', END],
    ['no payment', body + END],
    ['two payments', payment + payment + END],
    ['two bodies', body + body + END],
    ['three parts', payment + body + body + END],
    ['no end', payment],
    ['something in front', `x\r\n${payment}${END}`],
    ['something behind', `${payment}${END}x`],
    ['a part of another name', payment + body.replace('"body"', '"other"') + END],
    ['a part of two names', payment.replace('name="x-bsv-payment"', 'name="x-bsv-payment"; name="body"') + END],
    [
      'a part with two dispositions',
      payment.replace('Content-Type: application/json', 'Content-Disposition: form-data; name="body"') + END,
    ],
    [
      'a part with a header of its own',
      payment.replace('\r\n\r\n', '\r\nContent-Transfer-Encoding: base64\r\n\r\n') + END,
    ],
    ['a payment that is text', payment.replace('application/json', 'text/plain') + END],
    ['a head without end', `------B\r\nContent-Type: ${'x'.repeat(2_000)}`],
    ['bare line feeds', (payment + END).replaceAll('\r\n', '\n')],
    ['another boundary than it says', payment + END, 'multipart/form-data; boundary=----C'],
    ['no boundary', payment + END, 'multipart/form-data'],
    ['a boundary of 71 characters', payment + END, `multipart/form-data; boundary=${'b'.repeat(71)}`],
    ['two boundaries', payment + END, 'multipart/form-data; boundary=----B; boundary=----C'],
    ['another type', payment + END, 'multipart/mixed; boundary=----B'],
  ])('with %s is malformed', (_what, ...parts) => {
    // Jest takes a parameter that a row leaves out for its own callback.
    expect(judge(...parts)).toBe('payment-malformed');
  });
});
