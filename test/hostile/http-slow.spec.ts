import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { waitUntil } from '#testkit';
import { type DoorRig, codeOf, collect, expectHonestService, openDoor, parseAnswers, sendRaw } from './door-rig';

// H20: requests that hold a connection and give nothing. The limits are the production ones, shortened.
describe('a request that takes its time', () => {
  let rig: DoorRig;
  const sockets: Socket[] = [];
  const open = (): Socket => {
    const socket = connect(rig.port, '127.0.0.1');
    sockets.push(socket);
    return socket;
  };
  /** One byte at a time, on a timer, for as long as the gateway listens. */
  const drip = (socket: Socket, byte: string): void => {
    const timer = setInterval(() => socket.write(byte), 50);
    socket.on('close', () => {
      clearInterval(timer);
    });
    socket.on('error', () => undefined);
  };

  beforeAll(async () => {
    rig = await openDoor({
      headTimeoutMs: 600,
      requestTimeoutMs: 1_200,
      idleTimeoutMs: 2_000,
      keepAliveTimeoutMs: 500,
      timeoutCheckMs: 100,
      connectionsMax: 300,
    });
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await rig.stop();
  });

  it('is ended when its head drips in', async () => {
    const socket = open();
    const received = collect(socket);
    socket.write('GET /health/live HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    drip(socket, 'a');
    expect(codeOf(parseAnswers(await received)[0])).toBe('request-timeout');
  });

  it.each(['Content-Length: 1000', 'Transfer-Encoding: chunked'])(
    'is ended when its body drips in (%s)',
    async (length) => {
      const socket = open();
      const received = collect(socket);
      socket.write(`POST /octets HTTP/1.1\r\nHost: a\r\n${length}\r\n\r\n`);
      drip(socket, length.startsWith('T') ? '1\r\na\r\n' : 'a');
      const [answer, ...more] = parseAnswers(await received);
      expect(codeOf(answer)).toBe('request-timeout');
      expect(more).toEqual([]);
    },
  );

  it('is ended when its body never comes', async () => {
    const [answer] = await sendRaw(rig.port, ['POST /octets HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc']);
    expect(codeOf(answer)).toBe('request-timeout');
  });

  it('leaves an idle connection after its answer', async () => {
    const [answer] = await sendRaw(rig.port, ['GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n']);
    expect(answer?.status).toBe(200);
  });

  // The request is in the kernel before the connection is over, and the gateway looks after that: its timers come first.
  it('of the gateway itself costs no caller its connection, on which the next request waits already', async () => {
    const socket = open();
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const ended = once(socket, 'close');
    const request = 'GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n';
    socket.write(request);
    await waitUntil('the first is answered', () => parseAnswers(text).length === 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await new Promise(setImmediate);
    socket.write(request);
    // Over its end also where Node adds a second to what it was told.
    const busyUntil = performance.now() + 1_600;
    while (performance.now() < busyUntil);
    await waitUntil('the second is answered', () => parseAnswers(text).length === 2);
    // And it is over when nothing waits.
    await ended;
    expect(parseAnswers(text).map(({ status }) => status)).toEqual([200, 200]);
  });

  it('does not keep honest callers waiting behind 250 of its kind', async () => {
    const slow = Array.from({ length: 250 }, open);
    const ended = slow.map(collect);
    for (const socket of slow) socket.write('POST /octets HTTP/1.1\r\nHost: a\r\n');
    for (let round = 0; round < 10; round += 1) await expectHonestService(rig.port);
    const answers = (await Promise.all(ended)).map((text) => codeOf(parseAnswers(text)[0]));
    expect(new Set(answers)).toEqual(new Set(['request-timeout']));
    await expectHonestService(rig.port);
  });

  it('cannot take more connections than the limit', async () => {
    const many = Array.from({ length: 400 }, open);
    const ended = many.map(collect);
    await Promise.race(ended);
    const texts = await Promise.all(ended);
    expect(texts.filter((text) => text === '').length).toBeGreaterThanOrEqual(100);
    await expectHonestService(rig.port);
  });
});
