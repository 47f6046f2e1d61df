import type { HttpClient, OutboundAnswer, OutboundRequest } from '#ports';
import { createArcBroadcaster } from './index';
import { errorCodeMeanings, txStatusMeanings } from './arc-answers';
import { readArcAnswer } from './read-arc-answer';

const txid = 'ab'.repeat(32);
const other = 'cd'.repeat(32);
const answer = (status: number, body: unknown): OutboundAnswer => ({
  status,
  headers: {},
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});
const kindOf = (status: number, body: unknown): string => readArcAnswer(txid, answer(status, body)).outcome.kind;

describe('readArcAnswer: status words', () => {
  const expected: Record<string, string> = {
    UNKNOWN: 'unknown',
    QUEUED: 'accepted',
    RECEIVED: 'accepted',
    STORED: 'accepted',
    ANNOUNCED_TO_NETWORK: 'accepted',
    REQUESTED_BY_NETWORK: 'accepted',
    SENT_TO_NETWORK: 'accepted',
    ACCEPTED_BY_NETWORK: 'accepted',
    PENDING_RETRY: 'accepted',
    STUMP_PROCESSING: 'accepted',
    SEEN_IN_ORPHAN_MEMPOOL: 'ancestors-missing',
    SEEN_ON_NETWORK: 'accepted',
    SEEN_MULTIPLE_NODES: 'accepted',
    DOUBLE_SPEND_ATTEMPTED: 'contested',
    REJECTED: 'refused',
    MINED_IN_STALE_BLOCK: 'accepted',
    MINED: 'accepted',
    IMMUTABLE: 'accepted',
    SOMETHING_NEW: 'unknown',
    '': 'unknown',
  };

  it.each(Object.entries(expected))('HTTP 200 %s is %s', (txStatus, kind) => {
    expect(kindOf(200, { txid, txStatus })).toBe(kind);
  });
  it('names every word of the table here', () => {
    expect([...txStatusMeanings.keys()].filter((word) => !(word in expected))).toEqual([]);
  });
  it.each(['ORPHAN parent', 'bad-txns: missing inputs', 'Missing-Inputs', 'missinginputs'])(
    'REJECTED for %p asks for the ancestors',
    (extraInfo) => {
      expect(kindOf(200, { txid, txStatus: 'REJECTED', extraInfo })).toBe('ancestors-missing');
    },
  );
  it('reads Arcade’s 202', () => expect(kindOf(202, { txid, status: 202, txStatus: 'RECEIVED' })).toBe('accepted'));
});

describe('readArcAnswer: codes', () => {
  const expected: Record<number, string> = {
    300: 'unknown',
    302: 'unknown',
    400: 'unknown',
    401: 'unknown',
    403: 'unknown',
    404: 'unknown',
    409: 'unknown',
    413: 'unknown',
    422: 'unknown',
    429: 'unknown',
    460: 'ancestors-missing',
    461: 'refused',
    462: 'refused',
    463: 'refused',
    464: 'refused',
    465: 'refused',
    466: 'contested',
    467: 'unknown',
    468: 'unknown',
    469: 'unknown',
    470: 'unknown',
    471: 'unknown',
    472: 'refused',
    473: 'refused',
    474: 'refused',
    475: 'unknown',
    476: 'unknown',
    500: 'unknown',
    502: 'unknown',
    503: 'unknown',
    504: 'unknown',
  };

  it.each(Object.entries(expected))('HTTP %s is %s', (code, kind) => {
    expect(kindOf(Number(code), { status: Number(code), title: 'title', detail: 'detail', txid: null })).toBe(kind);
  });
  it('names every code of the table here', () => {
    expect([...errorCodeMeanings.keys()].filter((code) => !(code in expected))).toEqual([]);
  });
  it('tells a transaction that ARC does not have from a 404 that someone else wrote', () => {
    expect(readArcAnswer(txid, answer(404, { status: 404, title: 'Not found' })).absent).toBe(true);
    expect(readArcAnswer(txid, answer(404, '<html>')).absent).toBe(false);
    expect(readArcAnswer(txid, answer(404, { error: 'no route' })).absent).toBe(false);
    expect(readArcAnswer(txid, answer(500, { status: 404 })).absent).toBe(false);
  });
  it('reads Arcade’s code out of a 400', () => {
    expect(kindOf(400, { status: 461, title: 'Malformed', txid })).toBe('refused');
    expect(kindOf(400, { status: 476, title: 'Not final', txid })).toBe('unknown');
  });
  it('does not take a code out of a 500', () => expect(kindOf(500, { status: 461, txid })).toBe('unknown'));
});

describe('readArcAnswer: answers that must not be believed', () => {
  const cases: [string, number, unknown][] = [
    ['another txid, accepted', 200, { txid: other, txStatus: 'SEEN_ON_NETWORK' }],
    ['another txid, rejected', 200, { txid: other, txStatus: 'REJECTED' }],
    ['another txid in a refusal', 461, { txid: other, status: 461 }],
    ['no txid', 200, { txStatus: 'REJECTED' }],
    ['a txid that is no text', 200, { txid: 7, txStatus: 'REJECTED' }],
    ['no txStatus', 200, { txid }],
    ['a txStatus that is no text', 200, { txid, txStatus: ['REJECTED'] }],
    ['a txStatus from the prototype', 200, { txid, txStatus: 'constructor' }],
    ['an array', 200, [{ txid, txStatus: 'REJECTED' }]],
    ['null', 200, 'null'],
    ['a number', 200, '5'],
    ['empty', 200, ''],
    ['HTML', 200, '<html>REJECTED</html>'],
    ['cut JSON', 200, `{"txid":"${txid}","txStatus":"REJ`],
    ['HTML with a 461', 461, '<html>'],
  ];
  it.each(cases)('%s is unknown', (_name, status, body) => expect(kindOf(status, body)).toBe('unknown'));

  it('takes block fields only when they are well formed', () => {
    const good = { txid, txStatus: 'MINED', blockHash: other, blockHeight: 7, merklePath: 'fe01' };
    expect(readArcAnswer(txid, answer(200, good))).toEqual({
      outcome: { kind: 'accepted', status: 'MINED' },
      absent: false,
      blockHash: other,
      blockHeight: 7,
      bump: Buffer.from('fe01', 'hex'),
    });
    for (const merklePath of ['', 'f', 'zz', 5, null, ['00'], '00'.repeat(65_537)]) {
      expect(readArcAnswer(txid, answer(200, { ...good, merklePath })).bump).toBeUndefined();
    }
    for (const blockHeight of [-1, 1.5, '7', null]) {
      expect(readArcAnswer(txid, answer(200, { ...good, blockHeight })).blockHeight).toBeUndefined();
    }
  });

  it('keeps texts short and printable, and only txids as competitors', () => {
    const read = readArcAnswer(
      txid,
      answer(200, {
        txid,
        txStatus: 'REJECTED',
        extraInfo: `a\n\u001b[31m${'x'.repeat(1_000)}`,
        competingTxs: [other, 'no', 5],
      }),
    );
    expect(read.outcome).toMatchObject({ kind: 'refused', competingTxids: [other] });
    expect(read.outcome.kind === 'refused' && read.outcome.detail).toMatch(/^a {2}\[31mx{200,295}$/u);
  });
});

describe('ArcBroadcaster', () => {
  const record = (reply: () => Promise<OutboundAnswer>): { http: HttpClient; sent: OutboundRequest[] } => {
    const sent: OutboundRequest[] = [];
    return { sent, http: { send: (request) => (sent.push(request), reply()) } };
  };
  const signal = new AbortController().signal;

  it('posts Extended Format octets with the key and the callback', async () => {
    const { http, sent } = record(async () => answer(200, { txid, txStatus: 'SEEN_ON_NETWORK' }));
    const arc = createArcBroadcaster(http, {
      url: 'https://arc.example.com/',
      apiKey: 'key',
      callback: { url: 'https://gateway.example.com/callbacks/arc', token: 'token-of-16-chars' },
    });
    await expect(arc.broadcast(txid, Uint8Array.of(1, 2), signal)).resolves.toEqual({
      kind: 'accepted',
      status: 'SEEN_ON_NETWORK',
    });
    expect(sent[0]).toMatchObject({
      method: 'POST',
      url: 'https://arc.example.com/v1/tx',
      body: Uint8Array.of(1, 2),
      headers: {
        authorization: 'Bearer key',
        'content-type': 'application/octet-stream',
        'x-callbackurl': 'https://gateway.example.com/callbacks/arc',
        'x-callbacktoken': 'token-of-16-chars',
        'x-fullstatusupdates': 'true',
      },
    });
  });

  it('sends neither key nor callback that was not configured', async () => {
    const { http, sent } = record(async () => answer(200, { txid, txStatus: 'QUEUED' }));
    await createArcBroadcaster(http, { url: 'https://arc.example.com' }).broadcast(txid, Uint8Array.of(1), signal);
    expect(Object.keys(sent[0]?.headers ?? {}).sort()).toEqual([
      'accept',
      'content-type',
      'x-maxtimeout',
      'x-waitfor',
      'xdeployment-id',
    ]);
  });

  it('says unknown, and does not throw, whatever the transport does', async () => {
    const { http } = record(() => Promise.reject(new Error('no answer within 10000 ms')));
    const arc = createArcBroadcaster(http, { url: 'https://arc.example.com' });
    await expect(arc.broadcast(txid, Uint8Array.of(1), signal)).resolves.toEqual({
      kind: 'unknown',
      detail: 'no answer within 10000 ms',
    });
    await expect(arc.fetchStatus(txid, signal)).resolves.toMatchObject({
      outcome: { kind: 'unknown' },
      bump: undefined,
    });
  });

  it('fetches a status with its proof', async () => {
    const { http, sent } = record(async () =>
      answer(200, { txid, txStatus: 'MINED', merklePath: '00ff', blockHeight: 3 }),
    );
    const status = await createArcBroadcaster(http, { url: 'https://arc.example.com' }).fetchStatus(txid, signal);
    expect(sent[0]).toMatchObject({ method: 'GET', url: `https://arc.example.com/v1/tx/${txid}` });
    expect(status).toMatchObject({ bump: Buffer.from('00ff', 'hex'), blockHeight: 3 });
  });
});
