import type { ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { fsck, retractTransition } from '#ledger';
import { waitUntil } from '#testkit';
import type { GatewayRig } from './gateway-rig';
import type { RawCaller } from './raw-caller';
import { TOPIC, commitStep, commitSteps, openCaller, openTopicsGateway } from './topic-events-rig';
import { Receiver, take } from './webhook-receiver';

jest.setTimeout(120_000);

type View = Record<string, unknown> & { readonly id: string; readonly secret: string };

let receiver: Receiver;
let rig: GatewayRig;
let caller: RawCaller;
/** Each test has a path of its own at the receiver, and so a subscription that it can tell from those before. */
let path: string;
let tests = 0;

beforeAll(async () => {
  receiver = await Receiver.open();
  const settings = { webhookHosts: [receiver.host], egressPrivateHosts: [receiver.host], relayPollMs: 100 };
  rig = await openTopicsGateway({ settings });
}, 90_000);
beforeEach(async () => {
  path = `/hook-${String((tests += 1))}`;
  caller = await openCaller(rig.origin);
  receiver.reply = take;
});
// A subscription that a test left would be told of the transitions of the next.
afterEach(() => rig.database.owner.query('delete from portcullis.event_feed'));
afterAll(async () => {
  await rig.stop();
  receiver.close();
});

const ask = async (method: string, more = '', body?: unknown) => {
  const content =
    body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await caller.send({ method, url: `/v1/topics/${TOPIC}/webhooks${more}`, ...content });
  expect(await caller.isSignedForMe(answer)).toBe(true);
  return { status: answer.status, code: answer.code, json: JSON.parse(answer.body.toString('utf8')) as View };
};
const open = async (body: Record<string, unknown> = {}): Promise<View> => {
  const { status, json } = await ask('POST', '', { url: `http://${receiver.host}${path}`, ...body });
  expect(status).toBe(201);
  return json;
};
const find = async (id: string): Promise<View> => (await ask('GET', `/${id}`)).json;
/** What must wait for its next try is due now. */
const hurry = (): Promise<unknown> =>
  rig.database.owner.query(`update portcullis.event_feed set retry_at = null where retry_at is not null`);

describe('webhooks', () => {
  it('are told every event in order, signed as the standard says, one at a time', async () => {
    receiver.most = 0;
    const { id, secret } = await open();
    const subjects = await commitSteps(rig.pool, 10);
    const [last] = subjects.slice(-1);
    await retractTransition(rig.pool, last?.txid as never, 'double spent');
    await waitUntil('all are told', () => receiver.at(path).length >= 11);
    expect(receiver.txidsAt(path)).toEqual([...subjects, last].map((subject) => subject?.txid));
    expect(receiver.at(path).map(({ data }) => data.kind)).toEqual([...subjects.map(() => 'applied'), 'retracted']);
    const verifier = new Webhook(secret);
    for (const { headers, body } of receiver.at(path)) verifier.verify(body, headers);
    expect(new Set(receiver.at(path).map((delivery) => delivery.id)).size).toBe(11);
    expect(receiver.most).toBe(1);
    await waitUntil(
      'it is written down',
      async () => (await find(id))['position'] === receiver.at(path).at(-1)?.data.position,
    );
    expect(await find(id)).toMatchObject({ state: 'running', failures: 0, lastError: null });
  });

  it('begin after the position that was asked for', async () => {
    const before = await commitStep(rig.pool);
    const events = await caller.send({ method: 'GET', url: `/v1/topics/${TOPIC}/events?after=-1&limit=1000` });
    const { next } = JSON.parse(events.body.toString('utf8')) as { next: number };
    await open({ after: next - 1 });
    await waitUntil('it is told', () => receiver.at(path).length === 1);
    expect(receiver.txidsAt(path)).toEqual([before.txid]);
  });

  it('repeat an event under its id until it is taken, and tell no later one before', async () => {
    const { id } = await open();
    let refusals = 3;
    receiver.reply = (_delivery, response) => void response.writeHead(refusals-- > 0 ? 500 : 200).end();
    const subjects = await commitSteps(rig.pool, 3);
    await waitUntil('a failure is shown', async () => Number((await find(id))['failures']) > 0);
    expect(await find(id)).toMatchObject({ state: 'running', lastError: 'the receiver answered 500' });
    await waitUntil('all are taken', async () => {
      await hurry();
      return receiver.at(path).length >= 6;
    });
    const [first, second, third] = subjects.map(({ txid }) => txid);
    expect(receiver.txidsAt(path)).toEqual([first, first, first, first, second, third]);
    expect(
      new Set(
        receiver
          .at(path)
          .slice(0, 4)
          .map((delivery) => delivery.id),
      ).size,
    ).toBe(1);
  });

  it('repeat after a connection that was cut off, whose answer nobody heard', async () => {
    await open();
    let cuts = 1;
    receiver.reply = (_delivery, response) => {
      if (cuts-- > 0) response.destroy();
      else response.writeHead(200).end();
    };
    const [subject] = await commitSteps(rig.pool, 1);
    await waitUntil('it comes again', async () => {
      await hurry();
      return receiver.at(path).length === 2;
    });
    expect(receiver.txidsAt(path)).toEqual([subject?.txid, subject?.txid]);
    expect(receiver.at(path)[0]?.id).toBe(receiver.at(path)[1]?.id);
  });

  it('follow no redirect, and are closed by a 410 until they are enabled', async () => {
    const { id } = await open();
    receiver.reply = (_delivery, response) =>
      void response.writeHead(307, { location: `http://${receiver.host}/elsewhere` }).end();
    const [subject] = await commitSteps(rig.pool, 1);
    await waitUntil('the redirect failed', async () => (await find(id))['lastError'] === 'the receiver answered 307');
    expect(receiver.at('/elsewhere')).toEqual([]);
    receiver.reply = (_delivery, response) => void response.writeHead(410).end();
    await waitUntil('it is closed', async () => {
      await hurry();
      return (await find(id))['state'] === 'closed';
    });
    receiver.reply = (_delivery, response) => void response.writeHead(200).end();
    const told = receiver.at(path).length;
    expect((await ask('POST', `/${id}/enable`)).json).toMatchObject({ state: 'running', failures: 0, lastError: null });
    await waitUntil('it is told again', () => receiver.at(path).length > told);
    expect(receiver.at(path).at(-1)?.data.txid).toBe(subject?.txid);
  });

  it('stop after too many failures in a row, and say so', async () => {
    const { id } = await open();
    receiver.reply = (_delivery, response) => void response.writeHead(503).end();
    await commitSteps(rig.pool, 1);
    await waitUntil('a failure', async () => Number((await find(id))['failures']) > 0);
    await rig.database.owner.query(`update portcullis.event_feed set failures = 29 where name = $1`, [`webhook:${id}`]);
    await waitUntil('it is paused', async () => {
      await hurry();
      return (await find(id))['state'] === 'paused';
    });
    expect(await find(id)).toMatchObject({ failures: 30, lastError: 'the receiver answered 503' });
  });

  it('of one receiver that hangs hold up nobody else', async () => {
    await open();
    const hung = path;
    path = `${path}-other`;
    await open();
    const waiting: ServerResponse[] = [];
    receiver.reply = (delivery, response) => {
      if (delivery.path === hung) waiting.push(response);
      else response.writeHead(200).end();
    };
    const subjects = await commitSteps(rig.pool, 5);
    await waitUntil('the other is told all', () => receiver.at(path).length === 5);
    expect(receiver.txidsAt(path)).toEqual(subjects.map(({ txid }) => txid));
    expect(receiver.at(hung)).toHaveLength(1);
    receiver.reply = (_delivery, response) => void response.writeHead(200).end();
    for (const response of waiting) response.writeHead(200).end();
    await waitUntil('the slow one too', () => receiver.at(hung).length === 5);
  });

  it('are told by one of two relays at a time', async () => {
    const settings = { webhookHosts: [receiver.host], egressPrivateHosts: [receiver.host], relayPollMs: 100 };
    const replica = await openTopicsGateway({ database: rig.database, settings });
    try {
      await open();
      receiver.most = 0;
      const subjects = await commitSteps(rig.pool, 30);
      await waitUntil('all are told', () => receiver.at(path).length >= 30);
      expect(receiver.txidsAt(path)).toEqual(subjects.map(({ txid }) => txid));
    } finally {
      await replica.stop();
    }
  });

  it('go on where a relay was killed, under the same id', async () => {
    const { id } = await open();
    // As a relay leaves it that dies between the answer of the receiver and its own note: told, and held by nobody who lives.
    receiver.reply = (_delivery, response) => {
      void rig.database.owner
        .query(
          `update portcullis.event_feed set lease_number = lease_number + 1, lease_until = now() where name = $1`,
          [`webhook:${id}`],
        )
        .then(() => response.writeHead(200).end());
      receiver.reply = (_again, later) => void later.writeHead(200).end();
    };
    const [subject] = await commitSteps(rig.pool, 1);
    await waitUntil('it is told twice', () => receiver.at(path).length === 2);
    expect(receiver.txidsAt(path)).toEqual([subject?.txid, subject?.txid]);
    expect(receiver.at(path)[0]?.id).toBe(receiver.at(path)[1]?.id);
  });

  it('are listed to their organisation without the secret, and are not there for others', async () => {
    const { id, secret } = await open();
    const { json } = await ask('GET');
    expect(json).toEqual({ webhooks: [await find(id)] });
    expect(JSON.stringify(json)).not.toContain(secret);
    const stored = await rig.database.owner.query<{ row: string }[]>(
      'select to_jsonb(f)::text as row from portcullis.event_feed f',
    );
    expect(JSON.stringify(stored)).not.toContain(secret.slice('whsec_'.length));
    caller = await openCaller(rig.origin);
    expect((await ask('GET')).json).toEqual({ webhooks: [] });
    for (const [method, more] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/enable'],
    ] as const) {
      expect(await ask(method, `/${id}${more}`)).toMatchObject({ status: 404, code: 'subscription-unknown' });
    }
  });

  it('end when they are deleted', async () => {
    const { id } = await open();
    expect((await ask('DELETE', `/${id}`)).json).toMatchObject({ id, state: 'closed' });
    expect((await ask('GET', `/${id}`)).code).toBe('subscription-unknown');
    const fence = `${path}-fence`;
    const before = path;
    path = fence;
    await open();
    await commitSteps(rig.pool, 2);
    await waitUntil('another is told', () => receiver.at(fence).length === 2);
    expect(receiver.at(before)).toEqual([]);
  });

  it.each([
    ['an address that the operator did not name', { url: 'https://hooks.example/' }, 'subscription-refused'],
    ['a port that the operator did not name', { url: 'http://127.0.0.1:1/' }, 'subscription-refused'],
    ['no URL', { url: 'here' }, 'subscription-refused'],
    ['no address at all', {}, 'query-malformed'],
    ['a position to come', { url: 'https://hooks.example/', after: 1_000_000 }, 'query-malformed'],
    ['more than was asked for', { url: 'https://hooks.example/', secret: 'mine' }, 'query-malformed'],
  ])('are refused: %s', async (_what, body, code) => {
    expect((await ask('POST', '', body)).code).toBe(code);
    expect((await ask('GET')).json).toEqual({ webhooks: [] });
  });

  /** Ten at once wait for each other; on a machine that is busy longer than a lock is waited for. */
  const askUntilHeard = async (url: string): ReturnType<typeof ask> => {
    const answer = await ask('POST', '', { url });
    return answer.code === 'database-unavailable' ? askUntilHeard(url) : answer;
  };

  it('of one organisation are so many and no more, however many ask at once', async () => {
    const url = `http://${receiver.host}${path}`;
    const answers = [];
    for (let round = 0; round < 7; round += 1) {
      answers.push(...(await Promise.all(Array.from({ length: 10 }, () => askUntilHeard(url)))));
    }
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(64);
    expect(answers.filter(({ code }) => code === 'subscriptions-busy')).toHaveLength(6);
  });

  it('leave a ledger that is whole', async () => {
    expect((await fsck(rig.pool)).filter(({ ok }) => !ok)).toEqual([]);
  });
});
