import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocket, WebSocketServer, type ClientOptions } from 'ws';
import type { TopicEvent } from '#ledger';
import { waitUntil } from '#testkit';
import { EventSocket } from './event-socket';
import { EventStream } from './event-stream';
import { SOCKET_LIMITS, type SocketLimits } from './socket-limits';
import { EVENT_MESSAGES } from './write-event';

const PAGE = 32;
const eventAt = (position: number): TopicEvent => ({
  ...{ topic: 'tm_test', position, kind: 'applied', transitionId: `transition ${position}` },
  ...{ txid: position.toString(16).padStart(64, '0') as TopicEvent['txid'], at: new Date(0) },
  ...{ admitted: Array.from({ length: 250 }, (_, vout) => vout), spent: [] },
});

/** Over real connections: one subscriber, what it was told, and what the gateway holds for it. */
interface Pair {
  readonly client: WebSocket;
  readonly served: WebSocket;
  readonly connection: Socket;
  readonly stream: EventStream;
  readonly socket: EventSocket;
  readonly positions: number[];
  readonly closed: Promise<number>;
  readonly reads: () => number;
}

let server: Server;
const opened: WebSocket[] = [];
beforeAll(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  for (const one of opened.splice(0)) one.terminate();
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const open = async (
  length: number,
  { limits = {}, options = {} }: { limits?: Partial<SocketLimits>; options?: ClientOptions } = {},
): Promise<Pair> => {
  const sockets = new WebSocketServer({ noServer: true, clientTracking: false });
  const joined = new Promise<{ served: WebSocket; connection: Socket }>((resolve) => {
    server.once('upgrade', (request, connection, head) => {
      sockets.handleUpgrade(request, connection, head, (served) =>
        resolve({ served, connection: connection as Socket }),
      );
    });
  });
  const positions: number[] = [];
  const client = new WebSocket(`ws://127.0.0.1:${String((server.address() as AddressInfo).port)}`, options);
  client.on('error', () => undefined); // told by how it closed
  client.on('message', (data: Buffer) => positions.push((JSON.parse(data.toString()) as TopicEvent).position));
  const closed = once(client, 'close').then(([code]) => code as number);
  const isOpen = once(client, 'open');
  const { served, connection } = await joined;
  // Nobody can stop reading before.
  await isOpen;
  let reads = 0;
  const readPage = (_topic: string, after: number): Promise<TopicEvent[]> => {
    reads += 1;
    const count = Math.max(0, Math.min(PAGE, length - after - 1));
    return Promise.resolve(Array.from({ length: count }, (_, place) => eventAt(after + 1 + place)));
  };
  const stream = new EventStream({ topic: 'tm_test', after: -1, readPage, format: EVENT_MESSAGES });
  const socket = new EventSocket(served, connection, stream, { ...SOCKET_LIMITS, ...limits });
  opened.push(client, served);
  void socket.run();
  return { ...{ client, served, connection, stream, socket, positions, closed }, reads: () => reads };
};
/** Until the gateway can hand nothing more to the connection: two looks at which nothing was read in between. */
const waitStalled = async ({ reads }: Pair): Promise<void> => {
  let before = -1;
  await waitUntil('nothing more is taken', async () => {
    const isSame = reads() === before;
    before = reads();
    await new Promise((resolve) => setTimeout(resolve, 200));
    return isSame && reads() === before;
  });
};
const LONG = 3_000;
/** Three reads of a socket. */
const READ_AHEAD_BYTES = 3 * 65_536;

describe('a subscriber over a WebSocket', () => {
  it('that reads slowly is held one message and one page, and is told all in order when it goes on', async () => {
    const pair = await open(LONG);
    pair.client.pause();
    await waitStalled(pair);
    // Far from the end: what stopped it is the connection, and not that there is no more.
    expect(pair.reads()).toBeLessThan(LONG / PAGE / 2);
    expect(pair.served.bufferedAmount).toBeLessThan(64 * 1_024);
    pair.client.resume();
    await waitUntil('all are told', () => pair.positions.length > LONG);
    expect(pair.positions).toEqual(Array.from({ length: LONG + 1 }, (_, place) => place - 1));
  });

  it('that reads nothing is cut after two beats, and nothing of it is kept', async () => {
    const pair = await open(LONG);
    pair.client.pause();
    await waitStalled(pair);
    for (let beats = 0; beats < 2; beats += 1) pair.socket.beat();
    expect(pair.served.readyState).toBe(WebSocket.OPEN);
    pair.socket.beat();
    await waitUntil('it is cut', () => pair.served.readyState === WebSocket.CLOSED);
    expect(pair.stream.destroyed).toBe(true);
    expect(pair.reads()).toBeLessThan(LONG / PAGE / 2);
  });

  it('that is alive is not', async () => {
    const pair = await open(5);
    for (let beats = 0; beats < 10; beats += 1) {
      const answered = once(pair.served, 'pong');
      pair.socket.beat();
      await answered;
    }
    expect(pair.served.readyState).toBe(WebSocket.OPEN);
  });

  it('that answers no ping is, though it reads', async () => {
    const pair = await open(5, { options: { autoPong: false } });
    for (let beats = 0; beats < 3; beats += 1) pair.socket.beat();
    expect(await pair.closed).toBe(1006);
  });

  it('that may not go on is told why after what was told before, and has no time to look away', async () => {
    const [quick, deaf] = [await open(5), await open(LONG, { limits: { goodbyeMs: 200 } })];
    deaf.client.pause();
    await waitStalled(deaf);
    await waitUntil('all are told', () => quick.positions.length === 6);
    const startedAt = performance.now();
    for (const { stream } of [quick, deaf]) stream.finish({ kind: 'over', reason: 'the session is over' });
    expect(await quick.closed).toBe(1008);
    await waitUntil('the other is cut', () => deaf.served.readyState === WebSocket.CLOSED);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('that sends frames without a message is bounded by their octets', async () => {
    const pair = await open(5, { limits: { receivedBytesOfBeatMax: 1_000 } });
    await waitUntil('it is connected', () => pair.positions.length === 6);
    pair.client.send('', { fin: false });
    for (let count = 0; count < 300; count += 1) pair.client.send('', { fin: false });
    await waitUntil('they came', () => (pair.client as unknown as { bufferedAmount: number }).bufferedAmount === 0);
    const closed = once(pair.served, 'close');
    await waitUntil('it is closed', () => {
      pair.socket.beat();
      return pair.served.readyState !== WebSocket.OPEN;
    });
    await closed;
    expect(await pair.closed).toBe(1008);
  });

  it('that sends answers to no question is cut without one more beat, and next to nothing of the rest is read', async () => {
    const pair = await open(5);
    await waitUntil('it is connected', () => pair.positions.length === 6);
    const pong = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
    const flood = Buffer.alloc(8 * 1_048_576, pong);
    (pair.client as unknown as { _socket: Socket })._socket.write(flood);
    await waitUntil('it is cut', () => pair.served.readyState === WebSocket.CLOSED);
    // What it may send, the read that went beyond, and what Node had read ahead: of 128 times as much.
    expect(pair.connection.bytesRead).toBeLessThan(SOCKET_LIMITS.receivedBytesOfBeatMax + READ_AHEAD_BYTES);
    expect(pair.stream.destroyed).toBe(true);
  });

  it('that was told goodbye is bounded all the same', async () => {
    const pair = await open(5, { limits: { goodbyeMs: 60_000 } });
    await waitUntil('it is connected', () => pair.positions.length === 6);
    pair.stream.finish({ kind: 'over', reason: 'the session is over' });
    const flood = Buffer.alloc(1_048_576, Buffer.from([0x89, 0x80, 0, 0, 0, 0]));
    (pair.client as unknown as { _socket: Socket })._socket.write(flood);
    await waitUntil('it is cut', () => pair.served.readyState === WebSocket.CLOSED);
    expect(pair.connection.bytesRead).toBeLessThan(SOCKET_LIMITS.receivedBytesOfBeatMax + READ_AHEAD_BYTES);
  });

  it('that leaves takes its stream along', async () => {
    const pair = await open(5);
    pair.client.close();
    await waitUntil('the stream is gone', () => pair.stream.destroyed);
  });
});
