import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { WebSocket } from 'ws';
import { waitUntil } from '#testkit';
import { SocketReader, type SocketMessage } from './event-sockets-rig';
import type { GatewayRig } from './gateway-rig';
import type { RawCaller } from './raw-caller';
import {
  RawStream,
  TOPIC,
  commitStep,
  commitSteps,
  openCaller,
  openMembers,
  openTopicsGateway,
} from './topic-events-rig';

jest.setTimeout(120_000);

const PATH = `/v1/topics/${TOPIC}/events`;

let rig: GatewayRig;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  rig = await openTopicsGateway();
}, 90_000);
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => rig.stop());

const open = async (caller: RawCaller, query = '', headers: Record<string, string> = {}): Promise<SocketReader> => {
  const reader = await SocketReader.openSigned(caller, `${PATH}${query}`, headers);
  closing.push(() => reader.cut());
  return reader;
};
const tip = async (): Promise<number> => {
  const caller = await openCaller(rig.origin);
  const { body } = await caller.send({ method: 'GET', url: `/v1/topics/${TOPIC}` });
  return (JSON.parse(body.toString()) as { tip: { position: number } | null }).tip?.position ?? -1;
};
const listPage = async (after: number): Promise<unknown[]> => {
  const caller = await openCaller(rig.origin);
  const { body } = await caller.send({ method: 'GET', url: `${PATH}?after=${String(after)}` });
  return (JSON.parse(body.toString()) as { events: unknown[] }).events;
};

describe('a WebSocket', () => {
  it('tells what a stream and a page tell, the same objects in the same order', async () => {
    const after = await tip();
    await commitSteps(rig.pool, 3);
    const [socket, stream] = [
      await open(await openCaller(rig.origin), `?after=${after}`),
      await RawStream.open(await openCaller(rig.origin), { query: `?after=${after}` }),
    ];
    closing.push(() => stream.cut());
    await commitSteps(rig.pool, 40);
    await Promise.all([socket.waitFor(43), stream.waitFor(43)]);
    expect(socket.messages[0]).toEqual({ topic: TOPIC, position: after, kind: 'ready' });
    expect(socket.events).toEqual(await listPage(after));
    expect(socket.txids).toEqual(stream.txids);
  });

  it('has a head that is signed with where it begins', async () => {
    const caller = await openCaller(rig.origin);
    const after = await tip();
    const { head } = await open(caller, `?after=${after}`);
    const headers = new Headers(head?.headers as Record<string, string>);
    expect(headers.get('x-bsv-event-stream')).toBe(`${TOPIC} ${after}`);
    expect(headers.get('portcullis-request-id')).toMatch(/^[0-9a-f-]{36}$/u);
    const answer = { status: 101, headers, body: Buffer.alloc(0), code: undefined };
    expect(await caller.isSignedForMe(answer)).toBe(true);
    headers.set('x-bsv-event-stream', `${TOPIC} ${after - 1}`);
    expect(await caller.isSignedForMe(answer)).toBe(false);
  });

  it('resumes by position, in the query or in the header that is signed', async () => {
    const subjects = await commitSteps(rig.pool, 4);
    const all = (await listPage(-1)) as SocketMessage[];
    const [, second] = all.slice(-4);
    const position = String(second?.position);
    const rest = subjects.slice(2).map(({ txid }) => txid);
    const byQuery = await open(await openCaller(rig.origin), `?after=${position}`);
    const byHeader = await open(await openCaller(rig.origin), '?after=-1', { 'x-bsv-last-event-id': position });
    for (const socket of [byQuery, byHeader]) {
      await socket.waitFor(2);
      expect(socket.txids).toEqual(rest);
    }
  });

  it('is not for those who do not say who they are, and is refused before it is one', async () => {
    const { refusal } = await SocketReader.open(`${rig.origin}${PATH}`, {});
    expect(refusal).toMatchObject({ status: 401, type: 'application/problem+json', code: 'auth-required' });
    expect(refusal?.headers).toMatchObject({ connection: 'close', 'cache-control': 'no-store' });
  });

  it('is opened once with one signature', async () => {
    const caller = await openCaller(rig.origin);
    const { headers } = await caller.sign({ method: 'GET', url: PATH });
    const first = await SocketReader.open(`${rig.origin}${PATH}`, { headers: { ...headers } });
    closing.push(() => first.cut());
    expect(first.refusal).toBeUndefined();
    const again = await SocketReader.open(`${rig.origin}${PATH}`, { headers: { ...headers } });
    expect(again.refusal).toMatchObject({ status: 401, code: 'auth-replayed' });
    // The signature covers the query: nobody makes of it a subscription to something else.
    const other = await caller.sign({ method: 'GET', url: PATH });
    const moved = await SocketReader.open(`${rig.origin}${PATH}?after=-1`, { headers: { ...other.headers } });
    expect(moved.refusal).toMatchObject({ status: 401, code: 'auth-signature-invalid' });
  });

  it.each([
    ['a topic that nobody hosts', '/v1/topics/tm_nobody/events', {}, 'topic-unknown'],
    ['a position that there is not', `${PATH}?after=999999`, {}, 'query-malformed'],
    ['another version', PATH, { 'sec-websocket-version': '12' }, 'request-malformed'],
    ['a subprotocol', PATH, { 'sec-websocket-protocol': 'mqtt' }, 'request-malformed'],
    ['a key that is none', PATH, { 'sec-websocket-key': 'short' }, 'request-malformed'],
    ['a body', PATH, { 'content-length': '4' }, 'request-malformed'],
  ])('with %s is refused by a problem', async (_what, url, over, code) => {
    const { headers } = await (await openCaller(rig.origin)).sign({ method: 'GET', url });
    const refused = await sendUpgrade(url, { ...headers, ...over });
    expect(refused.head).toMatch(/^HTTP\/1\.1 4\d\d /u);
    expect(refused.head).toContain('content-type: application/problem+json');
    expect(refused.problem['code']).toBe(code);
  });

  it('is one of so many streams, of which no organisation has more than its share', async () => {
    const crowded = await openTopicsGateway({ database: rig.database, settings: { eventStreamsMax: 8 } });
    closing.push(() => crowded.stop());
    const callers = await openMembers(crowded.origin);
    const [first, second, third, fourth, late] = callers as [RawCaller, RawCaller, RawCaller, RawCaller, RawCaller];
    for (const caller of [first, second, third, fourth]) await open(caller);
    for (const caller of [second, third, fourth]) await RawStream.open(caller).then((s) => closing.push(() => s.cut()));
    const own = await open(first);
    expect(own.refusal).toBeUndefined();
    const [full, tooMany] = [await open(late), await open(first)];
    for (const { refusal } of [full, tooMany])
      expect(refusal).toMatchObject({ status: 503, code: 'subscriptions-busy', next: 'retry-same' });
    own.cut();
    await waitUntil('a place is free', async () => (await open(late)).refusal === undefined);
  });

  it('ends with the session that it was opened in, and no other does', async () => {
    const [caller, neighbour] = [await openCaller(rig.origin), await openCaller(rig.origin)];
    const [socket, other] = [await open(caller), await open(neighbour)];
    await Promise.all([socket.waitReady(), other.waitReady()]);
    await rig.pool.query('insert into portcullis.session_end values ($1, clock_timestamp())', [caller.identityKey]);
    await rig.pool.query("select pg_notify('portcullis_revocations', '')");
    expect(await socket.waitClosed()).toEqual({ code: 1008, reason: 'the session is over' });
    await commitStep(rig.pool);
    await other.waitFor(1);
    expect(socket.events).toEqual([]);
    expect((await open(caller)).refusal).toMatchObject({ status: 401, code: 'auth-session-unknown' });
  });

  it('ends with the key of the gateway that its session was opened under', async () => {
    const untilMs = Date.now() + 3_600_000;
    const identityKey = JSON.stringify([
      { key: '11'.repeat(32), until: new Date(untilMs).toISOString() },
      { key: '22'.repeat(32), from: new Date(untilMs - 60_000).toISOString() },
    ]);
    const rotating = await openTopicsGateway({ database: rig.database, settings: { identityKey } });
    closing.push(() => rotating.stop());
    const socket = await open(await openCaller(rotating.origin));
    await socket.waitReady();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(untilMs - 1);
    closing.push(() => clock.mockRestore());
    const later = await open(await openCaller(rotating.origin));
    await later.waitReady();
    expect(socket.closed).toBeUndefined();
    clock.mockReturnValue(untilMs);
    await new Promise<void>((resolve) => socket.socket.once('close', () => resolve()));
    expect(socket.closed).toEqual({ code: 1008, reason: 'the session is over' });
    expect(later.closed).toBeUndefined();
  });

  it('ends in order when the gateway stops, which does not wait for those who do not answer', async () => {
    const leaving = await openTopicsGateway({ database: rig.database, settings: { shutdownTimeoutMs: 60_000 } });
    const quick = await open(await openCaller(leaving.origin));
    const deaf = await open(await openCaller(leaving.origin));
    await Promise.all([quick.waitReady(), deaf.waitReady()]);
    deaf.socket.pause();
    const started = performance.now();
    await leaving.stop();
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(await quick.waitClosed()).toEqual({ code: 1001, reason: 'this gateway is stopping' });
  });
});

describe('what a subscriber sends', () => {
  const expectClosed = async (send: (socket: WebSocket) => void, code: number): Promise<void> => {
    const reader = await open(await openCaller(rig.origin));
    await reader.waitReady();
    send(reader.socket);
    expect((await reader.waitClosed()).code).toBe(code);
  };

  it('is not read: a message ends it', async () => {
    await expectClosed((socket) => socket.send('{"subscribe":"everything"}'), 1003);
    await expectClosed((socket) => socket.send(Buffer.alloc(8)), 1003);
  });

  it('is not even received where it is large', async () => {
    await expectClosed((socket) => socket.send(Buffer.alloc(2_000)), 1009);
    // A length alone is enough: nobody waits here for 2^40 octets.
    const bytes = Buffer.alloc(14);
    bytes.writeUInt16BE(0x82ff, 0);
    bytes.writeBigUInt64BE(2n ** 40n, 2);
    await expectClosed((socket) => rawOf(socket).write(bytes), 1009);
    await expectClosed((socket) => {
      for (let part = 0; part < 8; part += 1) socket.send('x'.repeat(500), { fin: false });
    }, 1009);
  });

  it('that is no frame ends it', async () => {
    // Without a mask, and with a reserved bit.
    await expectClosed((socket) => rawOf(socket).write(Buffer.from([0x81, 0x01, 0x78])), 1002);
    await expectClosed((socket) => rawOf(socket).write(Buffer.from([0xf1, 0x80, 0, 0, 0, 0])), 1002);
  });

  it('in frames without a message is bounded too', async () => {
    const reader = await open(await openCaller(rig.origin));
    await reader.waitReady();
    for (let count = 0; count < 1_000; count += 1) reader.socket.ping(Buffer.alloc(120));
    // By the library where the answers are not taken, by ours where they are.
    expect([1006, 1008]).toContain((await reader.waitClosed()).code);
  });
});

describe('a request that asks for another protocol', () => {
  const send = async (head: readonly string[], body = ''): Promise<string> => {
    const { hostname, port } = new URL(rig.origin);
    const socket = connect(Number(port), hostname);
    socket.write([...head, 'Host: gateway', 'Connection: Upgrade, close', '', body].join('\r\n'));
    return text(socket);
  };

  it('that no route speaks is answered as if it had not asked', async () => {
    const plain = await send(['GET /health/live HTTP/1.1', 'Upgrade: websocket']);
    expect(plain).toMatch(/^HTTP\/1\.1 200 /u);
    const unknown = await send(['GET /nowhere HTTP/1.1', 'Upgrade: websocket']);
    expect(unknown).toMatch(/^HTTP\/1\.1 404 /u);
    const page = await send([`GET ${PATH} HTTP/1.1`, 'Upgrade: h2c']);
    expect(page).toMatch(/^HTTP\/1\.1 401 /u);
  });

  it('keeps its body: a client that offers h2c beside loses nothing', async () => {
    const body = '{"version":"0.1"}';
    const head = ['Upgrade: h2c', 'Content-Type: application/json', `Content-Length: ${String(body.length)}`];
    const answer = await send(['POST /.well-known/auth HTTP/1.1', ...head], body);
    // It was read: what is wrong with it is what it says.
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]+"auth-message-unexpected"/u);
  });

  it('while an earlier one of its connection is unanswered is cut', async () => {
    const caller = await openCaller(rig.origin);
    const slow = await caller.sign({ method: 'GET', url: '/v1/test/slow' });
    const lines = Object.entries(slow.headers ?? {}).map(([name, value]) => `${name}: ${value}`);
    const upgrade = `GET ${PATH} HTTP/1.1\r\nHost: gateway\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    const { hostname, port } = new URL(rig.origin);
    const socket = connect(Number(port), hostname);
    const closed = new Promise<void>((resolve) => socket.on('error', () => undefined).once('close', () => resolve()));
    socket.resume().write([`GET /v1/test/slow HTTP/1.1`, 'Host: gateway', ...lines, '', ''].join('\r\n'));
    await rig.gate.entered;
    socket.write(upgrade);
    await closed;
    rig.gate.open();
  });
});

/** The TCP socket below: for what no WebSocket client sends. */
const rawOf = (socket: WebSocket): { write(bytes: Buffer): void } =>
  (socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket;

/** An upgrade as it is written, and the answer as its octets come. */
const sendUpgrade = async (
  url: string,
  headers: Record<string, string>,
): Promise<{ head: string; problem: Record<string, unknown> }> => {
  const { hostname, port } = new URL(rig.origin);
  const handshake = { 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-version': '13' };
  const all = { host: 'gateway', connection: 'Upgrade', upgrade: 'websocket', ...handshake, ...headers };
  const socket = connect(Number(port), hostname);
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  socket.write([`GET ${url} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  const answer = await text(socket);
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
  return { head, problem: JSON.parse(body) as Record<string, unknown> };
};
