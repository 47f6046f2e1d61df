import { readServerSentEvents, StreamSilent, type ServerSentEvent } from './read-server-sent-events';

const streamOf = (...chunks: (string | Uint8Array)[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(Buffer.from(chunk));
      controller.close();
    },
  });
const readAll = async (stream: ReadableStream<Uint8Array>): Promise<ServerSentEvent[]> => {
  const events: ServerSentEvent[] = [];
  for await (const event of readServerSentEvents(stream, 1_000)) events.push(event);
  return events;
};
const TEXT =
  'id: -1\nevent: ready\ndata: {"a":"é"}\n\n: alive\n\nid: 7\r\nevent: applied\r\ndata: one\r\ndata: two\r\n\r\nid: 8\nevent: cut';
const EVENTS = [
  { id: '-1', name: 'ready', data: '{"a":"é"}' },
  { id: '7', name: 'applied', data: 'one\ntwo' },
];

describe('server-sent events', () => {
  it('are read whole, without comments and without what was cut off', async () => {
    expect(await readAll(streamOf(TEXT))).toEqual(EVENTS);
  });

  it('are the same wherever the octets are parted', async () => {
    const octets = Buffer.from(TEXT);
    for (let at = 1; at < octets.length; at += 1) {
      expect(await readAll(streamOf(octets.subarray(0, at), octets.subarray(at)))).toEqual(EVENTS);
    }
    expect(await readAll(streamOf(...[...octets].map((octet) => Uint8Array.of(octet))))).toEqual(EVENTS);
  });

  it('do not wait without end for a connection that is dead', async () => {
    const dead = new ReadableStream<Uint8Array>();
    const next = readServerSentEvents(dead, 10).next();
    await expect(next).rejects.toBeInstanceOf(StreamSilent);
  });

  it('let go of the connection when the reader leaves', async () => {
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(Buffer.from('event: applied\ndata: 1\n\n')),
      cancel: () => void (cancelled = true),
    });
    for await (const event of readServerSentEvents(stream, 1_000)) {
      expect(event.data).toBe('1');
      break;
    }
    expect(cancelled).toBe(true);
  });
});
