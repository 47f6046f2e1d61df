import { type DoorRig, expectHonestService, openDoor } from './door-rig';

// H17: JSON that two readers could understand differently, or that costs more than it should.
const deep = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);

const refused: readonly (readonly [string, string | Buffer])[] = [
  ['__proto__', '{"__proto__":{"polluted":1}}'],
  ['an escaped __proto__', '{"\\u005f_proto__":{"polluted":1}}'],
  ['a nested __proto__', '{"a":[{"b":{"__proto__":{"polluted":1}}}]}'],
  ['constructor.prototype', '{"constructor":{"prototype":{"polluted":1}}}'],
  ['a repeated key', '{"a":1,"a":2}'],
  ['a key repeated through an escape', '{"a":1,"\\u0061":2}'],
  ['depth 21', deep('[', ']', 21)],
  ['depth 10,000', deep('[', ']', 10_000)],
  ['objects at depth 10,000', deep('{"a":', '}', 10_000)],
  ['10,000 open brackets and no end', '['.repeat(10_000)],
  ['1e400', '{"a":1e400}'],
  ['400 digits', `{"a":${'9'.repeat(400)}}`],
  ['a lone high surrogate', '{"a":"\\ud800"}'],
  ['a lone low surrogate in a key', '{"\\udc00":1}'],
  ['a surrogate in UTF-8', Buffer.from('7b2261223a22eda080227d', 'hex')],
  ['overlong UTF-8', Buffer.from('7b2261223a22c0af227d', 'hex')],
  ['a byte order mark', '\ufeff{"a":1}'],
  ['a trailing comma', '{"a":1,}'],
  ['a comment', '{"a":1}//'],
  ['two documents', '{"a":1}{"a":1}'],
  ['NaN', '{"a":NaN}'],
  ['a control character in a string', '{"a":"\u0001"}'],
  ['an open string', '{"a":"'],
  ['a string that ends in a backslash', '{"a":"\\"}'],
  [
    '11,000 members',
    `{${Array.from({ length: 5_000 }, (_, index) => `"${String(index)}":0`).join(',')},"list":[${'0,'.repeat(6_000)}0]}`,
  ],
  ['nothing', ''],
];

describe('JSON made to do harm', () => {
  let rig: DoorRig;
  beforeAll(async () => {
    rig = await openDoor();
  });
  afterAll(async () => {
    await rig.stop();
  });

  const post = (body: string | Buffer): Promise<Response> =>
    fetch(`http://127.0.0.1:${String(rig.port)}/json`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });

  it.each(refused)('is refused: %s', async (_name, body) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({ code: 'request-malformed', next: 'fix' });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    await expectHonestService(rig.port);
  });

  it.each([
    ['depth 20', deep('[', ']', 20)],
    ['the same key in two objects', '[{"a":1},{"a":{"a":2}}]'],
    ['a key that is also a value', '{"a":"b","b":"a","c":["a","a"]}'],
    ['a surrogate pair', '{"a":"\\ud83d\\ude00😀"}'],
    ['quotes and backslashes', '{"a\\"b":"\\\\","c":"\\\\\\""}'],
  ])('is not confused with honest JSON: %s', async (_name, body) => {
    const response = await post(body);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ got: JSON.parse(body) as unknown });
  });
});
