import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import {
  BODY_BYTES_MAX,
  type DoorRig,
  SMALL_BODY_BYTES_MAX,
  codeOf,
  collect,
  expectHonestService,
  openDoor,
  parseAnswers,
  sendRaw,
} from './door-rig';

// H3, H4, H16: more than is accepted, declared or not.
const head = (path: string, ...headers: string[]): string =>
  [`POST ${path} HTTP/1.1`, 'Host: gateway', 'Connection: close', ...headers, '', ''].join('\r\n');
const chunk = (bytes: number): string => `${bytes.toString(16)}\r\n${'a'.repeat(bytes)}\r\n`;

describe('a request that is too large', () => {
  let rig: DoorRig;
  beforeAll(async () => {
    rig = await openDoor({ refusedBodyBytesMax: 1_048_576 });
  });
  afterAll(async () => {
    await rig.stop();
  });
  afterEach(async () => {
    await expectHonestService(rig.port);
  });

  it('passes a body of exactly the limit', async () => {
    const body = 'a'.repeat(BODY_BYTES_MAX);
    const [answer] = await sendRaw(rig.port, [head('/octets', `Content-Length: ${String(body.length)}`), body]);
    expect(answer?.body).toBe(`{"bytes":${String(BODY_BYTES_MAX)}}`);
  });

  it.each(['/octets', '/no-such-route'])('refuses one byte more with a declared length at %s', async (path) => {
    const body = 'a'.repeat(BODY_BYTES_MAX + 1);
    const [answer] = await sendRaw(rig.port, [head(path, `Content-Length: ${String(body.length)}`), body]);
    expect(codeOf(answer)).toBe('body-too-large');
  });

  it('refuses one byte more in chunks', async () => {
    const parts = [head('/octets', 'Transfer-Encoding: chunked'), chunk(BODY_BYTES_MAX), chunk(1), '0\r\n\r\n'];
    const [answer] = await sendRaw(rig.port, parts);
    expect(codeOf(answer)).toBe('body-too-large');
  });

  it('answers a declared terabyte at once, without waiting for it', async () => {
    const [answer] = await sendRaw(rig.port, [head('/octets', `Content-Length: ${String(2 ** 40)}`)]);
    expect(codeOf(answer)).toBe('body-too-large');
  });

  it('ends a chunked body that never ends', async () => {
    const socket = connect(rig.port, '127.0.0.1');
    const received = collect(socket);
    socket.write(head('/octets', 'Transfer-Encoding: chunked'));
    const piece = chunk(16_384);
    const pump = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', pump);
    pump();
    const [answer] = parseAnswers(await received);
    expect([undefined, 'body-too-large']).toContain(codeOf(answer));
  });

  it('holds a route to its own smaller limit', async () => {
    const send = (bytes: number) =>
      sendRaw(rig.port, [head('/small', `Content-Length: ${String(bytes)}`), 'a'.repeat(bytes)]);
    expect((await send(SMALL_BODY_BYTES_MAX))[0]?.status).toBe(200);
    expect(codeOf((await send(SMALL_BODY_BYTES_MAX + 1))[0])).toBe('body-too-large');
  });

  it('shows the refusal to a client that writes its whole body before it reads', async () => {
    const response = await fetch(`http://127.0.0.1:${String(rig.port)}/octets`, {
      method: 'POST',
      body: Buffer.alloc(BODY_BYTES_MAX * 8),
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'body-too-large', next: 'fix' });
  });

  it.each(['gzip', 'deflate', 'br', 'gzip, identity', 'GZIP', 'x-unknown'])(
    'refuses Content-Encoding %s unopened',
    async (encoding) => {
      const bomb = gzipSync(Buffer.alloc(8 * 1_048_576));
      const headers = [`Content-Encoding: ${encoding}`, `Content-Length: ${String(bomb.length)}`];
      const [answer] = await sendRaw(rig.port, [head('/octets', ...headers), bomb]);
      expect(codeOf(answer)).toBe('content-encoding-refused');
    },
  );

  it('passes a payment header of 64 KiB, which base64 makes of a 48 KiB payment', async () => {
    const payment = `x-bsv-payment: ${'A'.repeat(65_536)}`;
    const [answer] = await sendRaw(rig.port, [head('/octets', payment, 'Content-Length: 0')]);
    expect(answer?.status).toBe(200);
  });

  it('refuses headers over 96 KiB, and says so', async () => {
    const [answer] = await sendRaw(rig.port, [
      head('/octets', `x-bsv-payment: ${'A'.repeat(98_305)}`, 'Content-Length: 0'),
    ]);
    expect(answer?.status).toBe(431);
    expect(codeOf(answer)).toBe('headers-too-large');
  });

  it('ends a request head that never ends', async () => {
    const parts = function* (): Generator<string> {
      yield 'GET /health/live HTTP/1.1\r\nHost: a\r\n';
      for (let count = 0; count < 50_000; count += 1) yield 'X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n';
    };
    const [answer] = await sendRaw(rig.port, parts());
    expect([undefined, 'headers-too-large']).toContain(codeOf(answer));
  });

  it.each([
    ['a path parameter over its limit', `/items/${'a'.repeat(1_001)}`, 'route-not-found'],
    ['a path that cannot be decoded', '/items/%zz', 'request-malformed'],
    ['a path of 60 KiB', `/${'a/'.repeat(30_000)}`, 'route-not-found'],
    ['a path outside the root', '/items/../../etc/passwd', 'route-not-found'],
    ['an encoded path outside the root', '/items/%2e%2e%2fetc', undefined],
    ['a path in other letters', '/ITEMS/a', 'route-not-found'],
    ['an absolute target of another host', 'http://elsewhere/none', 'route-not-found'],
    ['an asterisk', '*', 'route-not-found'],
  ])('answers %s', async (_name, target, code) => {
    const [answer] = await sendRaw(rig.port, [`GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`]);
    expect(answer?.status).toBeLessThan(500);
    expect(codeOf(answer)).toBe(code);
  });
});
