import { readIdempotencyKey, readWaitSeconds } from './read-preferences';
import { readSubmission, type SubmissionInput } from './read-submission';

const beef = Buffer.from('0100beef0000', 'hex');
const octets = (over: Partial<SubmissionInput> = {}): SubmissionInput => ({
  mediaType: 'application/octet-stream',
  body: beef,
  topicsHeader: '["tm_documents"]',
  ...over,
});
const json = (value: unknown, topicsHeader?: string): SubmissionInput => ({
  mediaType: 'application/json',
  body: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  topicsHeader,
});
const codeOf = (input: SubmissionInput): string => {
  const read = readSubmission(input);
  return read.ok ? 'read' : read.rejection.code;
};
const topics = ['tm_documents'];

describe('readSubmission', () => {
  it('reads octets with topics in the header, and JSON in base64 and hex, as the same submission', () => {
    const [a, b, c] = [
      octets(),
      json({ beef: beef.toString('base64'), topics }),
      json({ beef: beef.toString('hex') }, '["tm_documents"]'),
    ].map((input) => readSubmission(input));
    for (const read of [a, b, c]) {
      expect(read).toMatchObject({ ok: true, value: { topics } });
      expect(read?.ok && Buffer.from(read.value.beef).equals(beef)).toBe(true);
    }
  });

  it('sorts the topics and keeps the baskets', () => {
    const read = readSubmission(
      json({ beef: beef.toString('hex'), topics: ['tm_b', 'tm_a'], baskets: { 0: 'x', 7: 'y' } }),
    );
    expect(read).toMatchObject({
      ok: true,
      value: {
        topics: ['tm_a', 'tm_b'],
        baskets: new Map([
          [0, { basket: 'x' }],
          [7, { basket: 'y' }],
        ]),
      },
    });
  });

  const text = beef.toString('base64');
  const table: [string, SubmissionInput, string][] = [
    ['no content type', octets({ mediaType: undefined }), 'media-type-unsupported'],
    ['another content type', octets({ mediaType: 'text/plain' }), 'media-type-unsupported'],
    ['no topics header', octets({ topicsHeader: undefined }), 'topics-malformed'],
    ['topics that are not JSON', octets({ topicsHeader: 'tm_documents' }), 'topics-malformed'],
    ['topics that are no array', octets({ topicsHeader: '"tm_documents"' }), 'topics-malformed'],
    ['no topic', octets({ topicsHeader: '[]' }), 'topics-malformed'],
    ['a topic twice', octets({ topicsHeader: '["tm_a","tm_a"]' }), 'topics-malformed'],
    ['a topic that is no string', octets({ topicsHeader: '[7]' }), 'topics-malformed'],
    ['a topic in look-alike letters', octets({ topicsHeader: '["tm_\u0430"]' }), 'topics-malformed'],
    [
      '17 topics',
      octets({ topicsHeader: JSON.stringify(Array.from('abcdefghijklmnopq', (letter) => `tm_${letter}`)) }),
      'topics-malformed',
    ],
    ['an empty body', octets({ body: Buffer.alloc(0) }), 'beef-malformed'],
    ['octets that are no BEEF', octets({ body: Buffer.from('hello') }), 'beef-malformed'],
    ['a body that is not JSON', json('{'), 'request-malformed'],
    ['a key twice', json(`{"beef":"${text}","beef":"${text}","topics":["tm_a"]}`), 'request-malformed'],
    ['a prototype key', json(`{"__proto__":{},"beef":"${text}","topics":["tm_a"]}`), 'request-malformed'],
    ['an array', json([]), 'request-malformed'],
    ['no beef', json({ topics }), 'request-malformed'],
    ['beef as numbers', json({ beef: [1, 0], topics }), 'request-malformed'],
    ['a field that nobody knows', json({ beef: text, topics, force: true }), 'request-malformed'],
    ['a mode that is none', json({ beef: text, topics, mode: 'future-tx' }), 'mode-unknown'],
    ['a vout that is none', json({ beef: text, topics, baskets: { '01': 'x' } }), 'request-malformed'],
    ['a basket that is no string', json({ beef: text, topics, baskets: { 0: 1 } }), 'request-malformed'],
    ['topics twice', json({ beef: text, topics }, '["tm_documents"]'), 'topics-malformed'],
    ['topics nowhere', json({ beef: text }), 'topics-malformed'],
    ['base64 with a space', json({ beef: ` ${text}`, topics }), 'beef-malformed'],
    [
      'base64 without its padding',
      json({ beef: Buffer.from('0100beef00', 'hex').toString('base64url'), topics }),
      'beef-malformed',
    ],
    ['hex with half a byte', json({ beef: '0100beef0', topics }), 'beef-malformed'],
    ['hex with a stray letter', json({ beef: '0100beef0g', topics }), 'beef-malformed'],
    ['base64 of something else', json({ beef: 'aGVsbG8=', topics }), 'beef-malformed'],
  ];
  it.each(table)('refuses %s', (_, input, code) => {
    expect(codeOf(input)).toBe(code);
  });

  it('reads a question without topics where topics are optional, and is as strict with those it names', () => {
    const none = { ok: true, value: { beef, topics: [], baskets: new Map() } };
    expect(readSubmission(octets({ topicsHeader: undefined }), 'optional')).toMatchObject(none);
    expect(readSubmission(json({ beef: text }), 'optional')).toMatchObject(none);
    expect(readSubmission(json({ beef: text, topics }), 'optional')).toMatchObject({ value: { topics } });
    const refused = { rejection: { code: 'topics-malformed' } };
    expect(readSubmission(json({ beef: text, topics: [] }), 'optional')).toMatchObject(refused);
    expect(readSubmission(json({ beef: text, topics }, '["tm_documents"]'), 'optional')).toMatchObject(refused);
  });
});

describe('the preferences of a request', () => {
  it.each([
    [undefined, 0],
    ['wait=10', 10],
    ['respond-async, wait=5', 5],
    ['WAIT=7; foo', 7],
    ['wait=31', 30],
    ['wait=-1', 0],
    ['wait=1e3', 0],
    ['wait', 0],
    ['', 0],
  ])('reads Prefer %j as %d seconds', (header, seconds) => {
    expect(readWaitSeconds(header)).toBe(seconds);
  });

  it.each([
    [undefined, undefined],
    ['a5d7', 'a5d7'],
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['a'.repeat(255), 'a'.repeat(255)],
  ])('reads Idempotency-Key %j', (header, key) => {
    expect(readIdempotencyKey(header)).toEqual({ ok: true, value: key });
  });
  it.each(['', '""', 'a b', 'a,b', 'é', 'a\u0000', 'a'.repeat(256)])('refuses Idempotency-Key %j', (header) => {
    expect(readIdempotencyKey(header)).toMatchObject({ ok: false, rejection: { code: 'idempotency-key-malformed' } });
  });
});
