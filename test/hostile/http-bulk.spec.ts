import { connect, type Socket } from 'node:net';
import { waitUntil } from '#testkit';
import { BulkBodies } from '../../src/ingress/bulk-bodies';
import {
  BODY_BYTES_MAX,
  BULK_BODY_BYTES_MAX,
  BULK_LINES_MAX,
  type DoorRig,
  codeOf,
  collect,
  expectHonestService,
  openDoor,
  parseAnswers,
  sendRaw,
} from './door-rig';

/** Room for one and a half of the largest. */
const IN_HAND_MAX = 1.5 * BULK_BODY_BYTES_MAX;

const head = (...headers: string[]): string =>
  ['POST /bulk HTTP/1.1', 'Host: gateway', 'Connection: close', ...headers, '', ''].join('\r\n');
const declare = (bytes: number): string => head(`Content-Length: ${String(bytes)}`);

describe('H3: a bulk body at the door', () => {
  let rig: DoorRig;
  let taken: jest.SpyInstance;
  beforeAll(async () => {
    taken = jest.spyOn(BulkBodies.prototype, 'inspect');
    rig = await openDoor({ refusedBodyBytesMax: 1_048_576, bulkBytesInHandMax: IN_HAND_MAX });
  });
  afterAll(async () => {
    await rig.stop();
    taken.mockRestore();
  });
  afterEach(async () => {
    await expectHonestService(rig.port);
  });
  const send = async (body: string) => (await sendRaw(rig.port, [declare(body.length), body]))[0];
  /** The one account of this door. */
  const bytesInHand = (): number => (taken.mock.contexts[0] as BulkBodies).bytes;

  it('may be larger than others, up to its own limit and not a byte more, declared or not', async () => {
    expect((await send('a'.repeat(BODY_BYTES_MAX + 1)))?.status).toBe(200);
    expect((await send('a'.repeat(BULK_BODY_BYTES_MAX)))?.status).toBe(200);
    expect(codeOf(await send('a'.repeat(BULK_BODY_BYTES_MAX + 1)))).toBe('body-too-large');
    const size = BULK_BODY_BYTES_MAX.toString(16);
    const chunked = [
      head('Transfer-Encoding: chunked'),
      `${size}\r\n`,
      'a'.repeat(BULK_BODY_BYTES_MAX),
      '\r\n1\r\na\r\n0\r\n\r\n',
    ];
    const [answer] = await sendRaw(rig.port, chunked);
    expect(codeOf(answer)).toBe('body-too-large');
  });

  it('has at most so many lines, with or without the end of the last', async () => {
    expect((await send('a\n'.repeat(BULK_LINES_MAX)))?.status).toBe(200);
    expect((await send('a\n\n\n'))?.status).toBe(200);
    for (const body of ['a\n'.repeat(BULK_LINES_MAX + 1), `${'a\n'.repeat(BULK_LINES_MAX)}a`, '\n\n\n\n']) {
      const answer = await send(body);
      expect([answer?.status, codeOf(answer)]).toEqual([413, 'body-too-large']);
    }
  });

  it('is refused for its lines before all of it has come', async () => {
    const socket = connect(rig.port, '127.0.0.1');
    const received = collect(socket);
    socket.write(`${declare(BULK_BODY_BYTES_MAX)}${'\n'.repeat(BULK_LINES_MAX + 1)}`);
    // Nothing more is sent, and the gateway does not wait for it longer than it lingers.
    const [answer] = parseAnswers(await received);
    expect(codeOf(answer)).toBe('body-too-large');
  });

  it('shares the memory for all of them: who is too many is told when to come back, and what is slow keeps nobody out', async () => {
    const sockets: Socket[] = [];
    const begin = (bytes: number): Promise<string> => {
      const socket = connect(rig.port, '127.0.0.1');
      sockets.push(socket);
      socket.write(`${declare(BULK_BODY_BYTES_MAX)}${'a'.repeat(bytes)}`);
      return collect(socket);
    };
    // Announced and not sent: costs nothing, so an honest one passes beside many of them.
    const idle = Array.from({ length: 10 }, () => begin(1));
    await waitUntil('they are in hand', async () => Promise.resolve(bytesInHand() === 10));
    expect((await send('a'.repeat(BULK_BODY_BYTES_MAX)))?.status).toBe(200);

    const large = begin(BULK_BODY_BYTES_MAX - 1);
    await waitUntil('it is in hand', async () => Promise.resolve(bytesInHand() >= BULK_BODY_BYTES_MAX));
    const refused = await send('a'.repeat(BULK_BODY_BYTES_MAX));
    expect([refused?.status, codeOf(refused), refused?.headers.get('retry-after')]).toEqual([503, 'bulk-busy', '2']);

    sockets.at(-1)?.write('a');
    const [answer] = parseAnswers(await large);
    expect(answer?.status).toBe(200);
    for (const socket of sockets) socket.destroy();
    await Promise.all(idle);
    await waitUntil('all is given back', async () => Promise.resolve(bytesInHand() === 0));
    expect((await send('a'.repeat(BULK_BODY_BYTES_MAX)))?.status).toBe(200);
  });
});
