import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { PrivateKey, ProtoWallet } from '@bsv/sdk';
import { GatewayClient, GatewayProblem, UnsignedAnswer, type TopicEvent } from '#client';
import { waitUntil } from '#testkit';
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

/** A wire to a gateway that may be moved to another, cut, or made to change what passes. */
class Wire {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((caller) => this.#join(caller));
  cuts = 0;
  /** Octets of answers after which a connection is cut. */
  octetsMax = Number.POSITIVE_INFINITY;
  change = (answer: Buffer): Buffer => answer;

  constructor(public target: string) {}
  static async open(target: string): Promise<Wire> {
    const wire = new Wire(target);
    await new Promise<void>((resolve) => wire.#server.listen(0, '127.0.0.1', resolve));
    return wire;
  }
  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
  #join(caller: Socket): void {
    const { hostname, port } = new URL(this.target);
    const gateway = connect(Number(port), hostname);
    for (const socket of [caller, gateway]) this.#sockets.add(socket.on('error', () => undefined));
    let octets = 0;
    caller.on('data', (bytes) => gateway.write(bytes));
    gateway.on('data', (bytes) => {
      octets += bytes.length;
      if (octets > this.octetsMax) {
        this.cuts += 1;
        // What came so far arrives, perhaps with half an event at its end.
        caller.end(bytes.subarray(0, bytes.length / 2));
        gateway.destroy();
      } else caller.write(this.change(bytes));
    });
    caller.on('close', () => gateway.destroy());
    gateway.on('close', () => caller.destroy());
  }
}

let rig: GatewayRig;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  rig = await openTopicsGateway();
}, 90_000);
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => rig.stop());

const open = async (caller: RawCaller, query = ''): Promise<RawStream> => {
  const stream = await RawStream.open(caller, { query });
  closing.push(() => stream.cut());
  return stream;
};
const openWire = async (): Promise<Wire> => {
  const wire = await Wire.open(rig.origin);
  closing.push(() => wire.close());
  return wire;
};
const clientAt = (baseUrl: string): GatewayClient =>
  new GatewayClient({ baseUrl, wallet: new ProtoWallet(PrivateKey.fromRandom()) as never });

/** Reads a subscription until `count` events came. */
const read = async (events: AsyncIterable<TopicEvent>, count: number): Promise<string[]> => {
  const txids: string[] = [];
  if (count === 0) return txids;
  for await (const { txid } of events) if (txids.push(txid) === count) break;
  return txids;
};
/** Where the topic stands now: each test begins there. */
const tip = async (): Promise<number> => (await clientAt(rig.origin).findTopic(TOPIC)).tip?.position ?? -1;

describe('a stream', () => {
  it('is not for those who do not say who they are', async () => {
    const answer = await fetch(`${rig.origin}/v1/topics/${TOPIC}/events`, { headers: { accept: 'text/event-stream' } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([401, 'application/problem+json']);
    await answer.body?.cancel();
  });

  it('has a head that is signed with where it begins', async () => {
    const caller = await openCaller(rig.origin);
    const after = await tip();
    const { message } = await open(caller, `?after=${after}`);
    const headers = new Headers(message.headers as Record<string, string>);
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(headers.get('x-bsv-event-stream')).toBe(`${TOPIC} ${after}`);
    const head = { status: 200, headers, body: Buffer.alloc(0), code: undefined };
    expect(await caller.isSignedForMe(head)).toBe(true);
    headers.set('x-bsv-event-stream', `${TOPIC} ${after + 1}`);
    expect(await caller.isSignedForMe(head)).toBe(false);
  });

  it('is one of so many, of which no organisation has more than its share; those that are left are free again', async () => {
    const crowded = await openTopicsGateway({ database: rig.database, settings: { eventStreamsMax: 8 } });
    closing.push(() => crowded.stop());
    const callers = await openMembers(crowded.origin);
    const [first, , , , late] = callers as [RawCaller, RawCaller, RawCaller, RawCaller, RawCaller];
    const full: RawStream[] = [];
    for (const caller of callers.slice(0, 4)) full.push(await open(caller), await open(caller));
    expect(full.map(({ status }) => status)).toEqual(full.map(() => 200));
    const refused = await open(late);
    await waitUntil('it is refused whole', () => refused.ended);
    expect(refused.status).toBe(503);
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'subscriptions-busy', next: 'retry-same' });
    full[7]?.cut();
    await waitUntil('a place is free', async () => (await open(late)).status === 200);
    full[6]?.cut();
    // The first has its share, although there is room.
    await waitUntil('another place is free', async () => {
      const again = await open(first);
      await waitUntil('it is refused whole', () => again.ended);
      return JSON.parse(again.text).detail?.includes('Your organisation') === true;
    });
  });

  it('of whoever belongs to no organisation is one of a share that all of them have together', async () => {
    const crowded = await openTopicsGateway({ database: rig.database, settings: { eventStreamsMax: 8 } });
    closing.push(() => crowded.stop());
    const openFree = async (): Promise<RawStream> => open(await openCaller(crowded.origin));
    expect([(await openFree()).status, (await openFree()).status]).toEqual([200, 200]);
    // Another free key, and six of eight places left.
    const refused = await openFree();
    await waitUntil('it is refused whole', () => refused.ended);
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([503, { code: 'subscriptions-busy' }]);
    for (const member of await openMembers(crowded.origin)) expect((await open(member)).status).toBe(200);
  });

  it('ends with the session that it was opened in, and no other does', async () => {
    const [caller, neighbour] = [await openCaller(rig.origin), await openCaller(rig.origin)];
    const [stream, other] = [await RawStream.open(caller), await RawStream.open(neighbour)];
    closing.push(() => other.cut());
    await Promise.all([stream.waitReady(), other.waitReady()]);
    await rig.pool.query('insert into portcullis.session_end values ($1, clock_timestamp())', [caller.identityKey]);
    await rig.pool.query("select pg_notify('portcullis_revocations', '')");
    await waitUntil('it has ended', () => stream.ended);
    expect(stream.text).toMatch(/: the session is over\n\n$/u);
    expect(other.ended).toBe(false);
    const { status } = await RawStream.open(caller);
    expect(status).toBe(401);
  });

  it('holds up nobody when its reader is slow, and loses nothing', async () => {
    const caller = await openCaller(rig.origin);
    const slow = await open(caller, `?after=${await tip()}`);
    await slow.waitReady();
    slow.message.pause();
    const quick = await open(await openCaller(rig.origin), `?after=${await tip()}`);
    const subjects = [];
    // More than the sockets between hold by themselves.
    for (let made = 0; made < 60; made += 1) {
      subjects.push(await commitStep(rig.pool, { satoshis: Array.from({ length: 250 }, () => 1) }));
    }
    await quick.waitFor(60);
    slow.message.resume();
    await slow.waitFor(60);
    expect(slow.txids).toEqual(subjects.map(({ txid }) => txid));
    expect(quick.txids).toEqual(slow.txids);
  });

  it('ends in order when the gateway stops, and its subscriber goes on at a replica', async () => {
    const [leaving, staying] = await Promise.all([
      openTopicsGateway({ database: rig.database, settings: { shutdownTimeoutMs: 60_000 } }),
      openTopicsGateway({ database: rig.database }),
    ]);
    closing.push(() => staying.stop());
    const wire = await Wire.open(leaving.origin);
    closing.push(() => wire.close());
    const raw = await open(await openCaller(leaving.origin));
    await raw.waitReady();
    const connected: number[] = [];
    const after = await tip();
    const told = read(clientAt(wire.url).subscribe(TOPIC, { after, onConnected: (at) => connected.push(at) }), 6);
    const subjects = await commitSteps(rig.pool, 3);
    await raw.waitFor(3);
    await waitUntil('both are connected', () => connected.length > 0);
    wire.target = staying.origin;
    const started = performance.now();
    await leaving.stop();
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(raw.ended).toBe(true);
    expect(raw.text).toMatch(/\n\n: this gateway is stopping\n\n$/u);
    subjects.push(...(await commitSteps(rig.pool, 3)));
    expect(await told).toEqual(subjects.map(({ txid }) => txid));
    expect(connected.length).toBeGreaterThan(1);
  });
});

describe('the client', () => {
  it('tells each event once and in order over a wire that is cut again and again', async () => {
    const wire = await openWire();
    const after = await tip();
    const subjects = await commitSteps(rig.pool, 60);
    // A few events, and half of one.
    wire.octetsMax = 3_000;
    expect(await read(clientAt(wire.url).subscribe(TOPIC, { after }), 60)).toEqual(subjects.map(({ txid }) => txid));
    // How much of a page comes in one piece is the system's to say.
    expect(wire.cuts).toBeGreaterThan(1);
  });

  it('says where it stands before anything happened, from now on unless told', async () => {
    const stop = new AbortController();
    let at: number | undefined;
    const options = { signal: stop.signal, onConnected: (position: number) => void (at = position) };
    const told = read(clientAt(rig.origin).subscribe(TOPIC, options), 1);
    await waitUntil('it is connected', () => at !== undefined);
    expect(at).toBe(await tip());
    const subject = await commitStep(rig.pool);
    expect(await told).toEqual([subject.txid]);
  });

  it('ends when it is told to, and frees its place', async () => {
    const stop = new AbortController();
    const told = read(
      clientAt(rig.origin).subscribe(TOPIC, { signal: stop.signal, onConnected: () => stop.abort() }),
      1,
    );
    expect(await told).toEqual([]);
  });

  it('throws what a repeat cannot mend', async () => {
    const refusal = await read(clientAt(rig.origin).subscribe('tm_nobody'), 1).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(GatewayProblem);
    expect(refusal).toMatchObject({ code: 'topic-unknown' });
  });

  it('shakes hands again when the gateway forgot its session', async () => {
    const wire = await openWire();
    const after = await tip();
    const subjects = await commitSteps(rig.pool, 20);
    wire.octetsMax = 4_000;
    const events = clientAt(wire.url).subscribe(TOPIC, { after });
    const first = await events.next();
    await rig.database.owner.query('delete from portcullis.auth_session');
    const rest = await read(events, 19);
    expect([(first.value as TopicEvent).txid, ...rest]).toEqual(subjects.map(({ txid }) => txid));
  });

  it('takes no stream whose beginning somebody between has moved', async () => {
    const wire = await openWire();
    const after = await tip();
    await commitSteps(rig.pool, 2);
    wire.change = (answer) =>
      Buffer.from(answer.toString('latin1').replace(`${TOPIC} ${after}\r\n`, `${TOPIC} ${after + 1}\r\n`), 'latin1');
    const refusal = await read(clientAt(wire.url).subscribe(TOPIC, { after }), 1).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UnsignedAnswer);
  });
});
