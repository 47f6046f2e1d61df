import { Beef, HTTPSOverlayLookupFacilitator, Transaction } from '@bsv/sdk';
import { isIdentityKey } from '#atomic-core';
import { transferDocument, retireDocument } from '#testkit';
import { HostedTopics, type HostedTopic } from '../../src/topics';
import { OverlayRig, PLACE, issueInvoice, makeAdvertisement } from './overlay-rig';
import type { Caller } from './submissions-rig';

const ADMITTED = { outputsToAdmit: [0], coinsToRetain: [], coinsRemoved: [] };
const NOTHING = { outputsToAdmit: [], coinsToRetain: [], coinsRemoved: [] };
const NOBODY = `02${'00'.repeat(32)}`;

/** `varint length ‖ first ‖ second`. */
const joined = (first: Uint8Array, second: Uint8Array): Uint8Array => {
  const length = Buffer.alloc(3, 0xfd);
  length.writeUInt16LE(first.length, 1);
  return Buffer.concat([first.length < 0xfd ? Buffer.of(first.length) : length, first, second]);
};

describe('POST /submit and POST /lookup, open to anyone', () => {
  let rig: OverlayRig;
  let caller: Caller;
  beforeAll(async () => {
    rig = await OverlayRig.open({ overlayRequestsPerMinute: 1_000_000 });
    caller = await rig.gateway.openCaller(1_000_000);
  }, 120_000);
  afterAll(() => rig.close(), 60_000);
  const documents = (): HostedTopic => {
    const found = rig.gateway.app.get(HostedTopics).findTopic('tm_documents');
    if (!found.ok) throw new Error('The gateway hosts no documents.');
    return found.value;
  };
  const rowOf = async (txid: string, columns: string) => {
    const wire = Buffer.from(txid, 'hex').reverse();
    return rig.gateway.database.owner.query(`select ${columns} from portcullis.transition where txid = $1`, [wire]);
  };

  it('answers every bringer of a transaction with what was admitted, and applies it once', async () => {
    const token = await issueInvoice(caller.wallet, 'ONCE');
    const twenty = await Promise.all(Array.from({ length: 20 }, () => rig.submit(token.beef)));
    for (const { status, json } of twenty) expect([status, json]).toEqual([200, { tm_documents: ADMITTED }]);
    // Another request of another caller for the same transaction: the same truth.
    const signed = await caller.call('/submit', {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', 'x-bsv-topics': '["tm_documents"]' },
      body: Buffer.from(token.beef),
    });
    expect([signed.status, signed.json]).toEqual([200, { tm_documents: ADMITTED }]);
    expect(await rowOf(token.txid, 'organisation, identity_key as key')).toEqual([
      { organisation: 'public', key: NOBODY },
    ]);
  });

  it('keeps nobody’s outputs in nobody’s basket, under a key that nobody can have', async () => {
    const token = await issueInvoice(caller.wallet, 'NOBODY');
    await rig.submit(token.beef);
    const baskets = `select count(*)::int as n from portcullis.basket_output where organisation = 'public'`;
    expect(await rig.gateway.database.owner.query(baskets)).toEqual([{ n: 0 }]);
    expect(isIdentityKey(NOBODY)).toBe(false);
  });

  it('keeps the outputs of who authenticates in the baskets of its organisation', async () => {
    const token = await issueInvoice(caller.wallet, 'NAMED');
    const answer = await caller.call('/submit', {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', 'x-bsv-topics': '["tm_documents"]' },
      body: Buffer.from(token.beef),
    });
    expect(answer.json).toEqual({ tm_documents: ADMITTED });
    expect(await rowOf(token.txid, 'identity_key as key')).toEqual([{ key: caller.wallet.identityKey }]);
    const baskets = `select basket from portcullis.basket_output where organisation = $1 and txid = $2`;
    const wire = Buffer.from(token.txid, 'hex').reverse();
    expect(await rig.gateway.database.owner.query(baskets, [caller.wallet.identityKey, wire])).toEqual([
      { basket: 'invoices' },
    ]);
  });

  it('answers for topics that have it and asks those that have not, in one answer', async () => {
    const token = await issueInvoice(caller.wallet, 'MIXED');
    expect((await rig.submit(token.beef)).json).toEqual({ tm_documents: ADMITTED });
    const judge = jest.spyOn(documents(), 'judge');
    const mixed = await rig.submit(token.beef, ['tm_ship', 'tm_documents']);
    expect(mixed.json).toEqual({ tm_documents: ADMITTED, tm_ship: NOTHING });
    expect(judge).not.toHaveBeenCalled();
    judge.mockRestore();
    const ship = await makeAdvertisement(caller.wallet, 'SHIP', 'tm_mixed');
    const first = await rig.submit(ship.beef, ['tm_documents', 'tm_slap']);
    expect(first.json).toEqual({ tm_documents: NOTHING, tm_slap: NOTHING });
    expect(await rowOf(ship.txid, 'id')).toEqual([]);
    const all = await rig.submit(ship.beef, ['tm_documents', 'tm_ship', 'tm_slap']);
    expect(all.json).toEqual({ tm_documents: NOTHING, tm_ship: ADMITTED, tm_slap: NOTHING });
    expect(await rowOf(ship.txid, 'topics')).toEqual([{ topics: ['tm_ship'] }]);
  });

  it('names the winner to who spends what is spent, and stores nothing of it', async () => {
    const token = await issueInvoice(caller.wallet, 'SPENT');
    await rig.submit(token.beef);
    const twin = await rig.gateway.openTwin(caller);
    const won = await transferDocument(caller.wallet, token, caller.wallet.identityKey);
    const lost = await transferDocument(twin, token, caller.wallet.identityKey);
    expect((await rig.submit(won.beef)).json).toEqual({
      tm_documents: { outputsToAdmit: [0], coinsToRetain: [], coinsRemoved: [0] },
    });
    const refused = await rig.submit(lost.beef);
    expect([refused.status, refused.json]).toEqual([
      400,
      expect.objectContaining({ status: 'error', code: 'outpoint-spent', message: expect.stringContaining(won.txid) }),
    ]);
    expect(await rowOf(lost.txid, 'id')).toEqual([]);
  });

  it('refuses the whole submission, naming the topic, where one of its topics throws', async () => {
    const token = await issueInvoice(caller.wallet, 'FAILS');
    const ship = await makeAdvertisement(caller.wallet, 'SHIP', 'tm_fails');
    for (const { beef, txid } of [token, ship]) {
      const judge = jest.spyOn(documents(), 'judge').mockImplementation(() => {
        throw new Error('a bug at /somewhere/secret.js');
      });
      const { status, json, octets } = await rig.submit(beef, ['tm_ship', 'tm_documents']);
      judge.mockRestore();
      expect([status, json]).toEqual([
        400,
        expect.objectContaining({ status: 'error', code: 'topic-failed', at: { topic: 'tm_documents' } }),
      ]);
      expect(octets.toString()).not.toContain('secret');
      expect(await rowOf(txid, 'id')).toEqual([]);
    }
    expect((await rig.submit(token.beef, ['tm_ship', 'tm_documents'])).json).toMatchObject({ tm_documents: ADMITTED });
  });

  it('gives off-chain values to the topics, as the SDK writes them and as the vectors have them', async () => {
    const judge = jest.spyOn(documents(), 'judge');
    const values = Buffer.from('deadbeef', 'hex');
    const one = await issueInvoice(caller.wallet, 'OFF-1');
    const sent = await rig.facilitator().send(PLACE, {
      beef: [...one.beef],
      topics: ['tm_documents'],
      offChainValues: [...values],
    });
    expect(sent).toEqual({ tm_documents: ADMITTED });
    const other = await issueInvoice(caller.wallet, 'OFF-2');
    const more = { 'x-includes-off-chain-values': 'true' };
    const reversed = await rig.submit(joined(values, other.beef), ['tm_documents'], more);
    expect(reversed.json).toEqual({ tm_documents: ADMITTED });
    const given = judge.mock.calls.map(([, , { offChainValues = [] }]) => Buffer.from(offChainValues).toString('hex'));
    expect(given).toEqual(['deadbeef', 'deadbeef']);
    judge.mockRestore();
    expect(await rowOf(one.txid, `encode(off_chain_values, 'hex') as hex`)).toEqual([{ hex: 'deadbeef' }]);
  });

  it('gives the same answer as JSON and aggregated, and one transaction once', async () => {
    const tokens = [await issueInvoice(caller.wallet, 'SAME'), await issueInvoice(caller.wallet, 'SAME')];
    for (const { beef } of tokens) await rig.submit(beef);
    const json = await rig.lookUp('ls_documents', { documentId: 'SAME' });
    const listed = (json.json['outputs'] as { beef: number[]; outputIndex: number }[]).map(
      ({ beef, outputIndex }) => `${Transaction.fromBEEF(beef).id('hex')}.${outputIndex}`,
    );
    expect(listed.sort()).toEqual(tokens.map(({ txid }) => `${txid}.0`).sort());
    const binary = await rig.lookUp('ls_documents', { documentId: 'SAME' }, { 'x-aggregation': 'yes' });
    expect(binary.headers.get('content-type')).toBe('application/octet-stream');
    const beef = Beef.fromBinary([...binary.octets.subarray(1 + 2 * (32 + 1 + 1))]);
    expect(new Set(beef.txs.map(({ txid }) => txid)).size).toBe(beef.txs.length);
    const facilitator = new HTTPSOverlayLookupFacilitator((url, init) => fetch(url, init));
    const answer = await facilitator.lookup(PLACE, { service: 'ls_documents', query: { documentId: 'SAME' } });
    const aggregated = answer.outputs.map((one) => `${Transaction.fromBEEF(one.beef).id('hex')}.${one.outputIndex}`);
    expect(aggregated.sort()).toEqual(listed);
    for (const token of tokens) await rig.submit((await retireDocument(caller.wallet, token)).beef);
    const empty = await rig.lookUp('ls_documents', { documentId: 'SAME' }, { 'x-aggregation': 'yes' });
    expect([empty.status, empty.octets.toString('hex')]).toEqual([200, '000200beef0000']);
  });

  it('introduces what it hosts', async () => {
    const topics = (await rig.send('/listTopicManagers')).json;
    expect(Object.keys(topics)).toEqual(['tm_documents', 'tm_revocation', 'tm_ship', 'tm_slap']);
    expect(topics['tm_ship']).toEqual({ name: 'SHIP Topic Manager', shortDescription: 'Who hosts a topic.' });
    expect(Object.keys((await rig.send('/listLookupServiceProviders')).json)).toEqual([
      'ls_documents',
      'ls_revocation',
      'ls_ship',
      'ls_slap',
    ]);
    const read = await rig.send('/getDocumentationForTopicManager?manager=tm_ship');
    expect([read.headers.get('content-type'), read.octets.toString().split('\n')[0]]).toEqual([
      'text/markdown; charset=utf-8',
      '# tm_ship, ls_ship',
    ]);
    const lookup = await rig.send('/getDocumentationForLookupServiceProvider?lookupService=ls_slap');
    expect(lookup.octets.toString()).toMatch(/^# tm_slap/u);
    for (const query of ['', '?manager=tm_none', '?manager=tm_ship&manager=tm_slap']) {
      const none = await rig.send(`/getDocumentationForTopicManager${query}`);
      expect([none.status, none.octets.toString()]).toEqual([200, 'No documentation found!']);
    }
  });

  it('lets pages of any origin in, but not into a private network', async () => {
    const preflight = await rig.send('/submit', { method: 'OPTIONS' });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('x-topics');
    expect(preflight.headers.get('access-control-allow-private-network')).toBeNull();
    for (const answer of [await rig.send('/listTopicManagers'), await rig.submit(Buffer.of(1))])
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect((await rig.send('/v1/identity')).headers.get('access-control-allow-origin')).toBeNull();
    expect((await rig.send('/v1/submissions', { method: 'OPTIONS' })).status).toBe(401);
  });
});

describe('the same routes, closed', () => {
  let rig: OverlayRig;
  let caller: Caller;
  beforeAll(async () => {
    rig = await OverlayRig.open({
      overlayOpen: [],
      prices: [{ method: 'POST', path: '/v1/submissions', satoshis: 300 }],
    });
    caller = await rig.gateway.openCaller(1_000_000);
  }, 120_000);
  afterAll(() => rig.close(), 60_000);
  const submit = (beef: Uint8Array) =>
    caller.call('/submit', {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', 'x-bsv-topics': '["tm_documents"]' },
      body: Buffer.from(beef),
    });

  it.each([
    '/listTopicManagers',
    '/listLookupServiceProviders',
    '/getDocumentationForTopicManager?manager=tm_documents',
  ])('say to those without a name how to have one: %s', async (path) => {
    const { status, json, headers } = await rig.send(path);
    expect([status, json]).toEqual([
      401,
      expect.objectContaining({
        status: 'error',
        code: 'auth-required',
        message: expect.stringContaining('/.well-known/auth'),
      }),
    ]);
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect((await rig.send(path, { method: 'OPTIONS' })).status).toBe(405);
    expect((await caller.call(path)).status).toBe(200);
  });

  it('are no way round the price of the native route, and nobody pays twice', async () => {
    const token = await issueInvoice(caller.wallet, 'PAID');
    expect((await rig.submit(token.beef)).status).toBe(401);
    expect(await rig.gateway.count('transition')).toBe(0);
    for (let n = 0; n < 3; n += 1) expect((await submit(token.beef)).json).toEqual({ tm_documents: ADMITTED });
    const claims = await rig.gateway.database.owner.query('select satoshis::int from portcullis.payment_claim');
    expect(claims).toEqual([{ satoshis: 300 }]);
    expect(await rig.gateway.count('transition')).toBe(1);
  });

  it('answer a lookup to who authenticates alone', async () => {
    const question = { service: 'ls_documents', query: { documentId: 'PAID' } };
    expect((await rig.lookUp(question.service, question.query)).status).toBe(401);
    const headers = { 'content-type': 'application/json' };
    const answer = await caller.call('/lookup', { method: 'POST', headers, body: JSON.stringify(question) });
    expect([answer.status, (answer.json['outputs'] as unknown[]).length]).toEqual([200, 1]);
    const binary = { ...headers, 'x-bsv-aggregation': 'yes' };
    const octets = await caller.call('/lookup', { method: 'POST', headers: binary, body: JSON.stringify(question) });
    expect([octets.status, octets.octets[0]]).toEqual([200, 1]);
  });
});
