import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import { buildEgressPolicy } from './egress-policy';
import type { EgressPolicy } from './egress-policy';
import { PinnedHttpClient } from './pinned-http-client';
import type { Resolver } from './pinned-http-client';

const portOf = (server: TcpServer): number => (server.address() as AddressInfo).port;
const budget = { timeoutMs: 2_000, answerBytesMax: 1_000 };

/** Listens on IPv4 and IPv6 loopback and counts every connection, whether or not a request follows. */
class CountingListener {
  connects = 0;
  requests = 0;
  readonly #servers: Server[] = [];

  async open(handle: RequestListener): Promise<number> {
    const first = await this.#listen('127.0.0.1', 0, handle);
    await this.#listen('::1', first, handle).catch(() => undefined); // a machine without IPv6 has one listener
    return first;
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  }

  async #listen(host: string, port: number, handle: RequestListener): Promise<number> {
    const server = createServer((request, response) => {
      this.requests += 1;
      handle(request, response);
    });
    server.on('connection', () => (this.connects += 1));
    await new Promise<void>((done, fail) => server.once('error', fail).listen(port, host, done));
    this.#servers.push(server);
    return portOf(server);
  }
}

// URL spellings of this machine or of a metadata service. prettier-ignore keeps them together.
// prettier-ignore
const spellings = [
  'http://127.0.0.1:PORT/', 'http://localhost:PORT/', 'http://LOCALHOST:PORT/', 'http://localhost.:PORT/', 'http://127.1:PORT/',
  'http://127.0.1:PORT/', 'http://127.255.255.254:PORT/', 'http://2130706433:PORT/', 'http://0x7f000001:PORT/',
  'http://0x7f.0.0.1:PORT/', 'http://0x7f.1:PORT/', 'http://0177.0.0.1:PORT/', 'http://017700000001:PORT/', 'http://0:PORT/',
  'http://0.0.0.0:PORT/', 'http://[::1]:PORT/', 'http://[::]:PORT/', 'http://[0:0:0:0:0:0:0:1]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/', 'http://[::ffff:7f00:1]:PORT/', 'http://[::127.0.0.1]:PORT/',
  'http://[64:ff9b::7f00:1]:PORT/', 'http://[64:ff9b::127.0.0.1]:PORT/', 'http://[2002:7f00:1::]:PORT/', 'http://[fe80::1]:PORT/',
  'http://[fd00::1]:PORT/', 'http://[ff02::1]:PORT/', 'http://169.254.169.254/latest/meta-data/', 'http://[fd00:ec2::254]/',
  'http://10.0.0.1:PORT/', 'http://172.16.0.1:PORT/', 'http://192.168.0.1:PORT/', 'http://100.64.0.1:PORT/',
  'http://224.0.0.1:PORT/', 'http://127.0.0.1:PORT/', 'http://①②⑦.⓪.⓪.①:PORT/', 'http://127。0。0。1:PORT/',
  'http://%31%32%37.0.0.1:PORT/', 'http://user:secret@127.0.0.1:PORT/', 'http://arc.example.com@127.0.0.1:PORT/',
  'http://127.0.0.1:PORT\\@arc.example.com/', 'http://127.0.0.1:PORT#@arc.example.com/', 'http://arc.example.com:PORT/',
  'https://127.0.0.1:PORT/', 'https://localhost:PORT/', 'https://[::1]:PORT/', ' http://127.0.0.1:PORT/ ',
  'http:\\\\127.0.0.1:PORT\\', 'http:127.0.0.1:PORT/', 'HTTP://127.0.0.1:PORT/', 'ftp://127.0.0.1:PORT/', 'ws://127.0.0.1:PORT/',
  'file:///etc/passwd', 'data:text/plain,hello', 'javascript:1', '//127.0.0.1:PORT/', '127.0.0.1:PORT', '',
];

const get = (client: PinnedHttpClient, url: string) => client.send({ method: 'GET', url, ...budget });
describe('PinnedHttpClient: where it may go', () => {
  const listener = new CountingListener();
  let port = 0;
  const toLoopback: Resolver = async () => ['127.0.0.1'];

  beforeAll(async () => {
    port = await listener.open((_request, response) => response.end('reached'));
  });
  afterAll(() => listener.close());
  beforeEach(() => (listener.connects = 0));

  const spell = (text: string): string => text.replaceAll('PORT', String(port));

  it.each(spellings)('does not connect for %p when only a public host is configured', async (text) => {
    const client = new PinnedHttpClient(buildEgressPolicy(['https://arc.example.com']), toLoopback);
    await expect(get(client, spell(text))).rejects.toMatchObject({ name: 'EgressRefusedError' });
    expect(listener.connects).toBe(0);
  });

  it.each(spellings)(
    'does not connect for %p even when that very origin is allowed but not as a private one',
    async (text) => {
      const url = spell(text);
      const origin = URL.canParse(url) ? new URL(url).origin : 'https://arc.example.com';
      const client = new PinnedHttpClient({ origins: [{ origin, privateAllowed: false }] }, toLoopback);
      await expect(get(client, url)).rejects.toMatchObject({ name: 'EgressRefusedError' });
      expect(listener.connects).toBe(0);
    },
  );

  it('connects to the loopback origin that the operator configured', async () => {
    const client = new PinnedHttpClient(buildEgressPolicy([`http://127.0.0.1:${port}/arc`]));
    const answer = await get(client, `http://127.0.0.1:${port}/arc/v1/tx`);
    expect(answer.body.toString()).toBe('reached');
    expect(listener.connects).toBe(1);
  });

  it('does not let a configured loopback origin open another port or scheme', async () => {
    const client = new PinnedHttpClient(
      buildEgressPolicy([`http://127.0.0.1:${port + 1}`, `https://127.0.0.1:${port}`]),
    );
    await expect(get(client, `http://127.0.0.1:${port}/`)).rejects.toMatchObject({ name: 'EgressRefusedError' });
    expect(listener.connects).toBe(0);
  });

  it('needs host:port in the private hosts before a name may resolve inside', async () => {
    const url = `http://arc.internal:${port}/`;
    await expect(get(new PinnedHttpClient(buildEgressPolicy([url]), toLoopback), url)).rejects.toMatchObject({
      name: 'EgressRefusedError',
    });
    expect(listener.connects).toBe(0);
    const answer = await get(new PinnedHttpClient(buildEgressPolicy([url], [`arc.internal:${port}`]), toLoopback), url);
    expect(answer.status).toBe(200);
  });

  it('never lets a private host reach link-local, mapped or translated addresses', async () => {
    const url = `http://arc.internal:${port}/`;
    const policy = buildEgressPolicy([url], [`arc.internal:${port}`]);
    for (const address of [
      '169.254.169.254',
      '::ffff:127.0.0.1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      'fe80::1',
      '0.0.0.0',
      '::',
      '224.0.0.1',
    ]) {
      await expect(get(new PinnedHttpClient(policy, async () => [address]), url)).rejects.toMatchObject({
        name: 'EgressRefusedError',
      });
    }
    expect(listener.connects).toBe(0);
  });

  it('refuses a name that has one bad address among good ones', async () => {
    const url = `https://arc.example.com:${port}/`;
    const client = new PinnedHttpClient(buildEgressPolicy([url]), async () => ['8.8.8.8', '127.0.0.1']);
    await expect(get(client, url)).rejects.toMatchObject({ name: 'EgressRefusedError' });
    expect(listener.connects).toBe(0);
  });

  it('connects to the address that was checked, not to what the resolver says a moment later', async () => {
    const url = `http://arc.internal:${port}/`;
    let asked = 0;
    const rebinding: Resolver = async () => ((asked += 1) === 1 ? ['127.0.0.1'] : ['169.254.169.254']);
    const client = new PinnedHttpClient(buildEgressPolicy([url], [`arc.internal:${port}`]), rebinding);
    await expect(get(client, url)).resolves.toMatchObject({ status: 200 });
    expect(asked).toBe(1);
    await expect(get(client, url)).rejects.toMatchObject({ name: 'EgressRefusedError' });
    expect(listener.connects).toBe(1);
  });

  it('ignores proxy variables', async () => {
    const saved = { ...process.env };
    for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'ALL_PROXY'])
      process.env[name] = 'http://127.0.0.1:9';
    process.env['NODE_USE_ENV_PROXY'] = '1';
    try {
      const client = new PinnedHttpClient(buildEgressPolicy([`http://127.0.0.1:${port}`]));
      await expect(get(client, `http://127.0.0.1:${port}/`)).resolves.toMatchObject({ status: 200 });
    } finally {
      process.env = saved;
    }
  });
});

describe('PinnedHttpClient: what it accepts', () => {
  const inside = new CountingListener();
  const outside = new CountingListener();
  const raw: TcpServer[] = [];
  let insidePort = 0;
  let policy: EgressPolicy;
  let base = '';
  let answerWith: RequestListener = (_request, response) => response.end();

  beforeAll(async () => {
    insidePort = await inside.open((_request, response) => response.end('secret'));
    const port = await outside.open((request, response) => answerWith(request, response));
    base = `http://127.0.0.1:${port}`;
    policy = buildEgressPolicy([base]);
  });
  afterAll(async () => {
    await inside.close();
    await outside.close();
    for (const server of raw) server.close();
  });

  it.each([301, 302, 303, 307, 308])('gives a %d back as an answer and does not follow it', async (status) => {
    answerWith = (_request, response) =>
      response.writeHead(status, { location: `http://127.0.0.1:${insidePort}/` }).end();
    await expect(get(new PinnedHttpClient(policy), `${base}/`)).resolves.toMatchObject({ status });
    expect(inside.connects).toBe(0);
  });

  it('sends method, headers and body octets as given', async () => {
    let seen: unknown;
    answerWith = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen = {
          method: request.method,
          path: request.url,
          type: request.headers['content-type'],
          body: Buffer.concat(chunks).toString('hex'),
        };
        response.writeHead(202, { 'x-kind': 'ok' }).end('{}');
      });
    };
    const answer = await new PinnedHttpClient(policy).send({
      method: 'POST',
      url: `${base}/v1/tx?a=1`,
      headers: { 'content-type': 'application/octet-stream' },
      body: Uint8Array.of(0, 255, 1),
      ...budget,
    });
    expect(seen).toEqual({ method: 'POST', path: '/v1/tx?a=1', type: 'application/octet-stream', body: '00ff01' });
    expect(answer).toMatchObject({ status: 202, headers: { 'x-kind': 'ok' } });
  });

  it('cuts an answer off at its cap, also one without a declared length', async () => {
    answerWith = (_request, response) => {
      response.on('error', () => undefined);
      for (let part = 0; part < 64; part += 1) response.write(Buffer.alloc(65_536));
    };
    await expect(get(new PinnedHttpClient(policy), `${base}/`)).rejects.toThrow('larger than 1000 bytes');
  });

  it('refuses a compressed answer, which could unpack to any size', async () => {
    answerWith = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x');
    await expect(get(new PinnedHttpClient(policy), `${base}/`)).rejects.toThrow('compressed');
  });

  it.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    [
      'stops within the body',
      (_request, response) => response.writeHead(200, { 'content-length': '500' }).write('half'),
    ],
  ])('gives up at its budget on a peer that %s', async (_name, behave) => {
    answerWith = behave;
    const sent = new PinnedHttpClient(policy).send({
      method: 'GET',
      url: `${base}/`,
      timeoutMs: 100,
      answerBytesMax: 1_000,
    });
    await expect(sent).rejects.toMatchObject({ name: 'EgressFailedError' });
  });

  it('drips do not extend the budget', async () => {
    answerWith = (_request, response) => {
      const timer = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(timer));
    };
    const sent = new PinnedHttpClient(policy).send({
      method: 'GET',
      url: `${base}/`,
      timeoutMs: 200,
      answerBytesMax: 1_000,
    });
    await expect(sent).rejects.toMatchObject({ name: 'EgressFailedError' });
  });

  it('fails as a transport fault when the peer breaks off or speaks something else', async () => {
    for (const behave of ['', 'SSH-2.0-OpenSSH_9\r\n']) {
      const server = createTcpServer((socket) => void socket.on('error', () => undefined).end(behave));
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      raw.push(server);
      const url = `http://127.0.0.1:${portOf(server)}`;
      await expect(get(new PinnedHttpClient(buildEgressPolicy([url])), `${url}/`)).rejects.toMatchObject({
        name: 'EgressFailedError',
      });
    }
  });

  it('stops at once when its caller does', async () => {
    answerWith = () => undefined;
    const stop = new AbortController();
    const sent = new PinnedHttpClient(policy).send(
      { method: 'GET', url: `${base}/`, timeoutMs: 60_000, answerBytesMax: 10 },
      stop.signal,
    );
    stop.abort();
    await expect(sent).rejects.toMatchObject({ name: 'EgressFailedError' });
  });

  it('does not wait for a resolver longer than its budget', async () => {
    const client = new PinnedHttpClient(
      buildEgressPolicy(['https://arc.example.com']),
      () => new Promise(() => undefined),
    );
    const sent = client.send({ method: 'GET', url: 'https://arc.example.com/', timeoutMs: 50, answerBytesMax: 10 });
    await expect(sent).rejects.toThrow('not resolved in time');
  });
});
