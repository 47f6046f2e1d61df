import { type DoorRig, codeOf, expectHonestService, openDoor, sendRaw } from './door-rig';

// H15: bytes that two HTTP readers could understand differently.
const HEAD = 'POST /octets HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n';

const refusedByParser: readonly (readonly [string, string])[] = [
  ['Content-Length and Transfer-Encoding', `${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['Transfer-Encoding and Content-Length', `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`],
  ['two different Content-Lengths', `${HEAD}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`],
  ['two equal Content-Lengths', `${HEAD}Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd`],
  ['a Content-Length list', `${HEAD}Content-Length: 4, 4\r\n\r\nabcd`],
  ['a signed Content-Length', `${HEAD}Content-Length: +4\r\n\r\nabcd`],
  ['a hexadecimal Content-Length', `${HEAD}Content-Length: 0x4\r\n\r\nabcd`],
  ['a Content-Length beyond 64 bits', `${HEAD}Content-Length: 99999999999999999999999\r\n\r\nabcd`],
  ['a Transfer-Encoding that only ends in chunked', `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ['chunked not last', `${HEAD}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`],
  ['gzip below chunked', `${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ['chunked twice', `${HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['a space before the colon', `${HEAD}Content-Length : 4\r\n\r\nabcd`],
  ['a folded header', `${HEAD}X-Topics: tm_a\r\n tm_b\r\n\r\n`],
  ['a bare LF after a header', `${HEAD}X-A: 1\nContent-Length: 4\r\n\r\nabcd`],
  ['bare LF everywhere', 'POST /octets HTTP/1.1\nHost: gateway\n\n'],
  ['a bare CR in a header', `${HEAD}X-A: 1\rX-B: 2\r\n\r\n`],
  ['a NUL in a header', `${HEAD}X-A: 1\u0000\r\n\r\n`],
  ['no header name', `${HEAD}: 4\r\n\r\n`],
  ['a chunk size with a sign', `${HEAD}Transfer-Encoding: chunked\r\n\r\n-1\r\nabcd\r\n0\r\n\r\n`],
  ['a chunk size that is no number', `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\nabcd\r\n0\r\n\r\n`],
  ['a chunk longer than declared', `${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n`],
  ['an unknown version', 'GET /health/live HTTP/9.9\r\nHost: gateway\r\n\r\n'],
  ['the HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['an unknown method', 'BREW /health/live HTTP/1.1\r\nHost: gateway\r\n\r\n'],
  ['a TLS hello', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n'],
  ['a target with a space', 'GET /health /live HTTP/1.1\r\nHost: gateway\r\n\r\n'],
];

const refusedByDoor: readonly (readonly [string, string, string])[] = [
  ...[
    'Authorization: a',
    'Idempotency-Key: a',
    'Content-Type: application/json',
    'X-Topics: ["tm_a"]',
    'Prefer: wait=1',
  ].map((header): readonly [string, string, string] => [
    `two ${header.split(':')[0] ?? ''} headers`,
    `${HEAD}${header}\r\n${header}\r\n\r\n`,
    'header-duplicated',
  ]),
  ...['payment', 'auth-nonce', 'auth-signature', 'anything-of-tomorrow'].map(
    (name): readonly [string, string, string] => [
      `two x-bsv-${name} headers in different case`,
      `${HEAD}x-bsv-${name}: a\r\nX-BSV-${name.toUpperCase()}: b\r\n\r\n`,
      'header-duplicated',
    ],
  ),
  ['two Hosts', `${HEAD}Host: elsewhere\r\n\r\n`, 'header-duplicated'],
  ['no Host', 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n', 'request-malformed'],
  ['an empty Host', 'GET /health/live HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n', 'request-malformed'],
  ['65 headers', `${HEAD}${'X-A: 1\r\n'.repeat(63)}\r\n`, 'headers-too-large'],
  ['an odd expectation', `${HEAD}Expect: 200-ok\r\nContent-Length: 0\r\n\r\n`, 'request-malformed'],
  [
    'a body on GET',
    'GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\r\nabcd',
    'request-malformed',
  ],
];

describe('a request that could be read two ways', () => {
  let rig: DoorRig;
  beforeAll(async () => {
    rig = await openDoor();
  });
  afterAll(async () => {
    await rig.stop();
  });

  it.each(refusedByParser)('is refused and its connection ended: %s', async (_name, bytes) => {
    const answers = await sendRaw(rig.port, [Buffer.from(bytes, 'latin1')]);
    expect(answers.map(({ status }) => status).filter((status) => status < 400 || status >= 500)).toEqual([]);
    for (const answer of answers) {
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.headers.get('connection')).toBe('close');
      expect(codeOf(answer)).toBe('request-malformed');
    }
    expect(answers.length).toBeLessThanOrEqual(1);
    await expectHonestService(rig.port);
  });

  it.each(refusedByDoor)('is refused with its code: %s', async (_name, bytes, code) => {
    const [answer, ...more] = await sendRaw(rig.port, [bytes]);
    expect(codeOf(answer)).toBe(code);
    expect(answer?.headers.get('content-type')).toBe('application/problem+json');
    expect(more).toEqual([]);
    await expectHonestService(rig.port);
  });

  it('never runs a request hidden behind a refused one', async () => {
    const hidden = 'GET /items/hidden HTTP/1.1\r\nHost: gateway\r\n\r\n';
    const answers = await sendRaw(rig.port, [
      `${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    ]);
    expect(answers.map(codeOf)).toEqual(['request-malformed']);
    expect(rig.lines.join('')).not.toContain('/items/hidden');
  });

  it('passes 64 headers and honest pipelining', async () => {
    const request = `POST /octets HTTP/1.1\r\nHost: gateway\r\nContent-Length: 2\r\n${'X-A: 1\r\n'.repeat(61)}`;
    const answers = await sendRaw(rig.port, [`${request}\r\nab${request}Connection: close\r\n\r\nab`]);
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [200, '{"bytes":2}'],
      [200, '{"bytes":2}'],
    ]);
  });
});
