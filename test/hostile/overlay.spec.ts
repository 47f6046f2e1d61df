import { connect } from 'node:net';
import { OverlayRig, issueInvoice } from '../contract/overlay-rig';
import { RawCaller } from '../contract/raw-caller';
import type { Caller } from '../contract/submissions-rig';

/** What a stranger may send to the open routes: each is refused in the words of the protocol, without a stack, and leaves nothing. */
describe('hostile requests to the overlay routes', () => {
  let rig: OverlayRig;
  let caller: Caller;
  let beef: Uint8Array;
  beforeAll(async () => {
    rig = await OverlayRig.open({ overlayOpen: ['tm_documents', 'ls_documents'], overlayRequestsPerMinute: 1_000_000 });
    caller = await rig.gateway.openCaller();
    ({ beef } = await issueInvoice(caller.wallet, 'HOSTILE'));
  }, 120_000);
  afterAll(() => rig.close(), 60_000);

  const octets = { 'content-type': 'application/octet-stream' };
  const json = { 'content-type': 'application/json' };
  const submit = (headers: Record<string, string>, body: Uint8Array | string = beef) =>
    rig.send('/submit', { method: 'POST', headers, body: Buffer.from(body) });
  const lookUp = (body: string, headers: Record<string, string> = json) =>
    rig.send('/lookup', { method: 'POST', headers, body });
  const topics = (value: string) => ({ ...octets, 'x-topics': value });
  const offChain = (hex: string) =>
    submit({ ...topics('["tm_documents"]'), 'x-includes-off-chain-values': 'true' }, Buffer.from(hex, 'hex'));

  it.each<[string, () => ReturnType<OverlayRig['send']>, number, string]>([
    ['no topics', () => submit(octets), 400, 'topics-malformed'],
    ['no topic', () => submit(topics('[]')), 400, 'topics-malformed'],
    ['topics that are no JSON', () => submit(topics('tm_documents')), 400, 'topics-malformed'],
    ['topics that are an object', () => submit(topics('{"tm_documents":1}')), 400, 'topics-malformed'],
    ['a topic twice', () => submit(topics('["tm_documents","tm_documents"]')), 400, 'topics-malformed'],
    ['a topic that is a number', () => submit(topics('[7]')), 400, 'topics-malformed'],
    ['deep topics', () => submit(topics('['.repeat(5_000))), 400, 'topics-malformed'],
    ['a thousand topics', () => submit(topics(JSON.stringify(Array(1_000).fill('tm_a')))), 400, 'topics-malformed'],
    ['a million topics', () => submit(topics(JSON.stringify(Array(1_000_000).fill('tm_a')))), 431, 'headers-too-large'],
    ['JSON for octets', () => submit({ ...topics('["tm_documents"]'), ...json }), 400, 'media-type-unsupported'],
    ['no octets', () => submit(topics('["tm_documents"]'), ''), 400, 'beef-malformed'],
    ['a length of nothing', () => offChain(''), 400, 'request-malformed'],
    ['a length that lies', () => offChain('ff00beef0000000000'), 400, 'request-malformed'],
    ['a length that is not the shortest', () => offChain('fd0400deadbeef'), 400, 'request-malformed'],
    ['values without a BEEF', () => offChain('04deadbeefdeadbeef'), 400, 'beef-malformed'],
    [
      'a count bomb',
      () => submit(topics('["tm_documents"]'), Buffer.from('0200beef00feffffff0f', 'hex')),
      400,
      'beef-truncated',
    ],
    ['five mebibytes', () => submit(topics('["tm_documents"]'), Buffer.alloc(5 * 1_048_576, 1)), 413, 'body-too-large'],
    ['a closed topic', () => submit(topics('["tm_ship"]')), 401, 'auth-required'],
    ['a closed topic beside an open one', () => submit(topics('["tm_documents","tm_slap"]')), 401, 'auth-required'],
    ['a topic that nobody hosts', () => submit(topics('["tm_none"]')), 401, 'auth-required'],
    [
      'half an authentication',
      () => submit({ ...topics('["tm_documents"]'), 'x-bsv-auth-version': '0.1' }),
      401,
      'auth-malformed',
    ],
    ['a question that is no JSON', () => lookUp('{"service":'), 400, 'request-malformed'],
    ['a question that is null', () => lookUp('null'), 400, 'query-malformed'],
    ['a list of questions', () => lookUp('[]'), 400, 'query-malformed'],
    ['a question without a query', () => lookUp('{"service":"ls_documents"}'), 400, 'query-malformed'],
    ['a query that is none', () => lookUp('{"service":"ls_documents","query":7}'), 400, 'query-malformed'],
    ['a question as text', () => lookUp('{}', { 'content-type': 'text/plain' }), 400, 'media-type-unsupported'],
    ['a deep query', () => lookUp(`{"service":"ls_documents","query":${'['.repeat(50)}`), 400, 'request-malformed'],
    ['a prototype', () => lookUp('{"service":"ls_documents","query":{"__proto__":{}}}'), 400, 'request-malformed'],
    ['a closed lookup', () => lookUp('{"service":"ls_ship","query":"findAll"}'), 401, 'auth-required'],
    ['no name of a lookup', () => lookUp('{"service":"constructor","query":1}'), 401, 'auth-required'],
  ])('refuses %s', async (_what, send, status, code) => {
    const before = await rig.gateway.countAll();
    const answer = await send();
    const { outbox: _outbox, settlement_event: _events, ...after } = await rig.gateway.countAll();
    expect(before).toMatchObject(after);
    expect([answer.status, answer.json['code']]).toEqual([status, code]);
    if (status === 431) return;
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.json).toMatchObject({ status: 'error', message: expect.any(String) });
    expect(answer.octets.toString()).not.toMatch(/\.[jt]s:\d|\\n +at /u);
  });

  it('refuses a header that says two things', async () => {
    const { port, hostname } = new URL(rig.url);
    const head = ['POST /submit HTTP/1.1', `host: ${hostname}`, 'content-length: 0', 'connection: close'];
    const twice = ['x-topics: ["tm_documents"]', 'x-topics: ["tm_ship"]'];
    const text = await new Promise<string>((resolve, reject) => {
      let got = '';
      const socket = connect(Number(port), hostname, () => socket.write(`${[...head, ...twice].join('\r\n')}\r\n\r\n`));
      socket
        .on('data', (chunk) => (got += chunk.toString()))
        .on('end', () => resolve(got))
        .on('error', reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 /u);
    expect(text).toContain('"code":"header-duplicated"');
  });

  it('takes nobody for another, whoever’s key is in the headers', async () => {
    const raw = await RawCaller.open(rig.url, caller.wallet);
    const request = { method: 'POST', url: '/submit', headers: topics('["tm_ship"]'), body: beef };
    const signed = await raw.sign(request);
    const forged = { ...signed.headers, 'x-bsv-auth-identity-key': `02${'00'.repeat(32)}` };
    const answer = await submit(forged);
    expect([answer.status, answer.json['code']]).toEqual([401, 'auth-identity-mismatch']);
    const altered = await submit({ ...signed.headers, 'x-bsv-auth-signature': '3006020101020101' });
    expect([altered.status, altered.json['code']]).toEqual([401, 'auth-signature-invalid']);
    // And nobody can open a session in the name of nobody.
    await expect(
      RawCaller.open(
        rig.url,
        Object.assign(Object.create(caller.wallet) as typeof caller.wallet, {
          getPublicKey: () => Promise.resolve({ publicKey: `02${'00'.repeat(32)}` }),
        }),
      ),
    ).rejects.toThrow('The handshake was answered 401');
  });

  it('signs its answer to who authenticates, on open and closed names, and to a refusal too', async () => {
    const raw = await RawCaller.open(rig.url, caller.wallet);
    for (const [named, status] of [
      ['["tm_documents"]', 200],
      // Closed, and so at the price of the native route, which the development network has by default.
      ['["tm_ship"]', 402],
      ['["tm_none"]', 400],
    ] as const) {
      const answer = await raw.send({ method: 'POST', url: '/submit', headers: topics(named), body: beef });
      expect([named, answer.status, await raw.isSignedForMe(answer)]).toEqual([named, status, true]);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});

describe('the rate of those without a name', () => {
  let rig: OverlayRig;
  beforeAll(async () => {
    rig = await OverlayRig.open({ overlayRequestsPerMinute: 12 });
  }, 120_000);
  afterAll(() => rig.close(), 60_000);

  it('is that of their address, and no other caller’s', async () => {
    const asked = await Promise.all(Array.from({ length: 12 }, () => rig.send('/listTopicManagers')));
    const refused = asked.filter(({ status }) => status === 429);
    expect(asked.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(2);
    expect(refused.length).toBeGreaterThanOrEqual(8);
    for (const { json, headers } of refused) {
      expect(json).toMatchObject({ status: 'error', code: 'rate-limited', next: 'retry-same' });
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
    const caller = await rig.gateway.openCaller();
    for (let n = 0; n < 12; n += 1) expect((await caller.call('/listTopicManagers')).status).toBe(200);
    expect((await rig.send('/health/live')).status).toBe(200);
  });
});
