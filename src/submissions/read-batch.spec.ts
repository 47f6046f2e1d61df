import { limits, requestDigest } from '#atomic-core';
import { cutLines, listLines, readBatchItem } from './read-batch';

const linesOf = (text: string): string[] | string => {
  const lines = listLines(Buffer.from(text));
  return lines.ok ? lines.value.map(String) : lines.rejection.code;
};
const BEEF = Buffer.concat([Buffer.from('0100beef', 'hex'), Buffer.alloc(16)]).toString('base64');
const body = { beef: BEEF, topics: ['tm_documents'] };
const read = (item: unknown, bytesMax = 10_000) => readBatchItem(Buffer.from(JSON.stringify(item)), bytesMax);
const codeOf = (result: ReturnType<typeof read>): string => (result.ok ? 'read' : result.rejection.code);
const singly = (text: string, idempotencyKey?: string): Buffer =>
  requestDigest({
    method: 'POST',
    url: '/v1/submissions',
    topics: undefined,
    idempotencyKey,
    body: Buffer.from(text),
  });

describe('the lines of a batch', () => {
  it.each([
    ['a\nb\n', ['a', 'b']],
    ['a\r\nb', ['a', 'b']],
    ['\n\r\n a \n\n', [' a ']],
    ['a\rb\r\n', ['a\rb']],
    ['\r', 'request-malformed'],
    ['', 'request-malformed'],
    ['\n\r\n', 'request-malformed'],
  ])('%j', (text, lines) => {
    expect(linesOf(text)).toEqual(lines);
  });

  it('are at most so many', () => {
    const { BATCH_SUBMISSIONS_MAX: most } = limits;
    expect(linesOf('a\n'.repeat(most))).toHaveLength(most);
    expect(linesOf('a\n'.repeat(most + 1))).toBe('body-too-large');
  });

  it('are cut by count and by octets, none of them lost', () => {
    const sizes = (lines: readonly Buffer[]) => [...cutLines(lines)].map((piece) => piece.map(({ index }) => index));
    const many = Array.from({ length: limits.GROUP_COMMITS_MAX + 1 }, () => Buffer.alloc(1));
    expect(sizes(many).map(({ length }) => length)).toEqual([limits.GROUP_COMMITS_MAX, 1]);
    const large = Buffer.alloc(limits.BATCH_KEPT_BYTES_MAX);
    expect(sizes([Buffer.alloc(1), large, large, Buffer.alloc(1)])).toEqual([[0], [1], [2], [3]]);
  });
});

describe('one item of a batch', () => {
  it('is the request that it would be singly, as JSON.stringify writes it', () => {
    const alone = read(body);
    const named = read({ idempotencyKey: 'mine', ...body });
    if (!alone.ok || !named.ok) throw new Error('refused');
    expect(alone.value.requestDigest).toEqual(singly(JSON.stringify(body)));
    expect(alone.value.requestKey).toBe(`digest:${singly(JSON.stringify(body)).toString('hex')}`);
    expect(named.value.requestDigest).toEqual(singly(JSON.stringify(body), 'mine'));
    expect(named.value.requestKey).toBe('key:mine');
    const spaced = readBatchItem(Buffer.from(JSON.stringify(body, null, 1).replaceAll('\n', ' ')), 10_000);
    expect(spaced).toEqual(alone);
  });

  it.each([
    [{ ...body, idempotencyKey: 'white space' }, 'idempotency-key-malformed'],
    [{ ...body, idempotencyKey: null }, 'idempotency-key-malformed'],
    [{ ...body, idempotencyKey: 'a'.repeat(limits.IDEMPOTENCY_KEY_BYTES_MAX + 1) }, 'idempotency-key-malformed'],
    [{ ...body, more: 1 }, 'request-malformed'],
    [{ beef: BEEF }, 'topics-malformed'],
    [null, 'request-malformed'],
    [[body], 'request-malformed'],
    ['text', 'request-malformed'],
  ])('is refused by itself: %j', (item, code) => {
    expect(codeOf(read(item))).toBe(code);
  });

  it('may be as long as the body of a single submission, and no longer', () => {
    const { length } = JSON.stringify(body);
    expect([codeOf(read(body, length)), codeOf(read(body, length - 1))]).toEqual(['read', 'body-too-large']);
  });
});
