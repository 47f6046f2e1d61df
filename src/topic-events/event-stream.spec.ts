import { once } from 'node:events';
import type { TopicEvent } from '#ledger';
import { waitUntil } from '#testkit';
import { EventPages } from './event-pages';
import { EventStream } from './event-stream';
import { SERVER_SENT_EVENTS } from './write-event';

const PAGE = 32;
const eventAt = (position: number): TopicEvent => ({
  topic: 'tm_test',
  position,
  kind: 'applied',
  transitionId: `transition ${position}`,
  txid: position.toString(16).padStart(64, '0') as TopicEvent['txid'],
  at: new Date(0),
  admitted: Array.from({ length: 100 }, (_, vout) => vout),
  spent: [],
});

/** A topic whose events are the numbers below `length`. */
class Topic {
  length = 0;
  readonly reads: number[] = [];
  fault: Error | undefined;
  readonly readPage = (_topic: string, after: number): Promise<TopicEvent[]> => {
    this.reads.push(after);
    if (this.fault !== undefined) return Promise.reject(this.fault);
    const count = Math.max(0, Math.min(PAGE, this.length - after - 1));
    return Promise.resolve(Array.from({ length: count }, (_, place) => eventAt(after + 1 + place)));
  };
  open(after = -1): EventStream {
    return new EventStream({ topic: 'tm_test', after, readPage: this.readPage, format: SERVER_SENT_EVENTS });
  }
}

const idsIn = (text: string): number[] => [...text.matchAll(/^id: (-?\d+)$/gmu)].map(([, id]) => Number(id));
const listen = (stream: EventStream) => {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { text: () => text, ids: () => idsIn(text) };
};
const upTo = (length: number): number[] => Array.from({ length: length + 1 }, (_, place) => place - 1);

describe('an event stream', () => {
  it('begins with where it stands, and tells every event after it once and in order', async () => {
    const topic = new Topic();
    topic.length = 3 * PAGE + 5;
    const heard = listen(topic.open());
    await waitUntil('all are told', () => heard.ids().length > topic.length);
    expect(heard.ids()).toEqual(upTo(topic.length));
    expect(heard.text()).toMatch(/^id: -1\nevent: ready\ndata: \{"topic":"tm_test","position":-1\}\n\n/u);
  });

  it('tells what comes later when it is woken, however often that is', async () => {
    const topic = new Topic();
    const stream = topic.open();
    const heard = listen(stream);
    for (let length = 1; length <= 20; length += 1) {
      topic.length = length;
      for (let wakes = 0; wakes < 3; wakes += 1) stream.wake();
      await waitUntil(`${length} are told`, () => heard.ids().length > length);
    }
    expect(heard.ids()).toEqual(upTo(20));
  });

  it('hears a wake that comes while it reads', async () => {
    const topic = new Topic();
    let answer = (_events: TopicEvent[]): void => undefined;
    let asked = 0;
    const stream = new EventStream({
      ...{ topic: 'tm_test', after: -1, format: SERVER_SENT_EVENTS },
      readPage: (name, after) => {
        asked += 1;
        return asked === 1 ? new Promise((resolve) => (answer = resolve)) : topic.readPage(name, after);
      },
    });
    const heard = listen(stream);
    await waitUntil('it reads', () => asked === 1);
    topic.length = 1;
    stream.wake();
    answer([]);
    await waitUntil('the event is told', () => heard.ids().length === 2);
  });

  it('reads no second page for a reader that does not take the first', async () => {
    const topic = new Topic();
    topic.length = 1_000;
    const stream = topic.open();
    stream.read(0);
    await waitUntil('the first page is read', () => topic.reads.length === 1 && stream.readableLength > 0);
    for (let wakes = 0; wakes < 100; wakes += 1) stream.wake();
    await new Promise(setImmediate);
    expect(topic.reads).toEqual([-1]);
    // Of the page itself no more is written out than the buffer of one stream takes.
    expect(stream.readableLength).toBeLessThan(3 * stream.readableHighWaterMark);
    const heard = listen(stream);
    await waitUntil('all are told', () => heard.ids().length > topic.length);
    expect(heard.ids()).toEqual(upTo(topic.length));
  });

  it('keeps its place over a read that fails, and does not spin', async () => {
    const topic = new Topic();
    topic.length = 2;
    topic.fault = new Error('no database');
    const stream = topic.open();
    const heard = listen(stream);
    await waitUntil('a read failed', () => topic.reads.length === 1);
    await new Promise(setImmediate);
    expect(topic.reads).toEqual([-1]);
    topic.fault = undefined;
    stream.wake();
    await waitUntil('both are told', () => heard.ids().length === 3);
    expect(stream.destroyed).toBe(false);
  });

  it('shows that it lives, and says why it ends', async () => {
    const topic = new Topic();
    const stream = topic.open();
    const heard = listen(stream);
    await waitUntil('it stands ready', () => heard.text() !== '');
    stream.beat();
    stream.finish({ kind: 'going', reason: 'going' });
    stream.finish({ kind: 'going', reason: 'going twice' });
    await once(stream, 'end');
    expect(heard.text()).toMatch(/\n: alive\n\n: going\n\n$/u);
  });
});

describe('pages read for many', () => {
  const gated = () => {
    const asked: { place: string; answer: () => void }[] = [];
    let running = 0;
    let most = 0;
    const pages = new EventPages((topic, after) => {
      most = Math.max(most, ++running);
      return new Promise((resolve) => {
        const answer = (): void => {
          running -= 1;
          resolve([]);
        };
        asked.push({ place: `${topic} ${after}`, answer });
      });
    }, 2);
    return { asked, pages, most: () => most };
  };

  it('are one read for those who stand at one place', async () => {
    const { asked, pages } = gated();
    const both = [pages.read('tm_a', 5), pages.read('tm_a', 5)];
    expect(asked.map(({ place }) => place)).toEqual(['tm_a 5']);
    asked[0]?.answer();
    expect(await Promise.all(both)).toEqual([[], []]);
  });

  it('are never older than the last wake', async () => {
    const { asked, pages } = gated();
    const before = pages.read('tm_a', 5);
    pages.renew();
    const after = pages.read('tm_a', 5);
    expect(asked).toHaveLength(2);
    for (const { answer } of asked) answer();
    await Promise.all([before, after]);
  });

  it('are read few at a time, and all in the end', async () => {
    const { asked, pages, most } = gated();
    const all = Promise.all([1, 2, 3, 4, 5].map((after) => pages.read('tm_a', after)));
    for (let answered = 0; answered < 5; answered += 1) {
      await waitUntil('another read', () => asked.length > answered);
      asked[answered]?.answer();
    }
    expect(await all).toHaveLength(5);
    expect(most()).toBe(2);
  });
});
