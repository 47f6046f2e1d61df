import { type DoorRig, codeOf, expectHonestService, openDoor, sendRaw } from './door-rig';

// H19: one request is one line, whatever it carries; and what is secret is in none.
describe('the log under hostile requests', () => {
  let rig: DoorRig;
  beforeEach(async () => {
    rig = await openDoor();
    rig.lines.length = 0;
  });
  afterEach(async () => {
    await rig.stop();
  });
  const request = (target: string, ...headers: string[]): string =>
    [`GET ${target} HTTP/1.1`, 'Host: gateway', 'Connection: close', ...headers, '', ''].join('\r\n');
  const record = (): Record<string, unknown> => JSON.parse(rig.lines[0] ?? '') as Record<string, unknown>;

  it.each([
    ['encoded line ends', '/items/a%0d%0a{"level":"fatal"}'.replaceAll('"', '%22')],
    ['an ANSI sequence', '/items/%1b[31mred'],
    ['a raw C1 control', '/items/\u009b31m'],
    ['a line separator', Buffer.from('/items/\u2028x').toString('latin1')],
    ['format strings', '/items/%25s%25d%25j%25n'],
    ['JSON in a query', '/items/a?x={"requestId":"forged"}'.replaceAll('"', '%22')],
  ])('writes one line that stays one line: %s', async (_name, target) => {
    await sendRaw(rig.port, [Buffer.from(request(target), 'latin1')]);
    expect(rig.lines).toHaveLength(1);
    const [line = ''] = rig.lines;
    // eslint-disable-next-line no-control-regex -- this is the assertion
    expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/u);
    expect(line.endsWith('\n')).toBe(true);
    // Node's parser already refuses raw octets above 0x7e in a target; that too is one line.
    expect(['request', 'connection refused']).toContain(record().msg);
  });

  it('cuts a path of 60 KB to one kilobyte', async () => {
    await sendRaw(rig.port, [request(`/${'a'.repeat(60_000)}`)]);
    expect(rig.lines).toHaveLength(1);
    expect(rig.lines[0]?.length).toBeLessThan(2_048);
    expect(record()).toMatchObject({ status: 404, code: 'route-not-found' });
  });

  it.each([
    '/people/setup?token=canary-5f1c',
    '/people/callback?code=canary-5f1c&state=x',
    '/people//setup?token=canary-5f1c',
    '/peopl%65/setup?token=canary-5f1c',
    '/%70eople/setup?token=canary-5f1c',
  ])('leaves out what lets somebody in: %s', async (target) => {
    await sendRaw(rig.port, [request(target)]);
    expect(rig.lines).toHaveLength(1);
    expect(rig.lines[0]).not.toContain('canary');
  });

  it('carries the id that the caller was given', async () => {
    const [answer] = await sendRaw(rig.port, [request('/items/a', 'Portcullis-Request-Id: forged')]);
    expect(answer?.headers.get('portcullis-request-id')).toMatch(/^[0-9a-f-]{36}$/u);
    expect(record().requestId).toBe(answer?.headers.get('portcullis-request-id'));
  });

  it('holds no header of the caller', async () => {
    const canary = 'canary-5f1c';
    await sendRaw(rig.port, [
      request('/items/a', `Authorization: Bearer ${canary}`, `x-bsv-payment: ${canary}`, `X-A: ${canary}`),
    ]);
    expect(rig.lines.join('')).not.toContain(canary);
  });

  it('logs a fault once with its stack, and tells the caller nothing of it', async () => {
    const [answer] = await sendRaw(rig.port, [request('/fault')]);
    expect(answer?.status).toBe(500);
    expect(codeOf(answer)).toBe('internal-fault');
    expect(answer?.body).not.toMatch(/select|hunter2|\.ts|Error/u);
    const faults = rig.lines.filter((line) => line.includes('"level":"error"'));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('door-rig');
  });

  it('answers a database that is away with 503 and Retry-After, without naming it', async () => {
    const [answer] = await sendRaw(rig.port, [request('/outage')]);
    expect(answer?.status).toBe(503);
    expect(codeOf(answer)).toBe('database-unavailable');
    expect(answer?.headers.get('retry-after')).toBe('2');
    expect(answer?.body).not.toContain('10.0.0.7');
  });

  it('names the methods of a route that exists', async () => {
    const [answer] = await sendRaw(rig.port, [request('/octets')]);
    expect([answer?.status, answer?.headers.get('allow'), codeOf(answer)]).toEqual([405, 'POST', 'method-not-allowed']);
  });

  it('lets a request in flight finish, and refuses new ones, while it stops', async () => {
    const slow = sendRaw(rig.port, [request('/gate')]);
    await rig.gate.entered;
    const stopping = rig.stop();
    const [refused] = await sendRaw(rig.port, [request('/items/a')]);
    const [notReady] = await sendRaw(rig.port, [request('/health/ready')]);
    const [alive] = await sendRaw(rig.port, [request('/health/live')]);
    rig.gate.open();
    const [finished] = await slow;
    await stopping;
    expect([refused?.status, codeOf(refused), refused?.headers.get('connection')]).toEqual([
      503,
      'shutting-down',
      'close',
    ]);
    expect(refused?.headers.get('retry-after')).toBe('5');
    expect([notReady?.status, alive?.status]).toEqual([503, 200]);
    expect(finished?.body).toBe('{"passed":true}');
  });

  it('serves the next honest request after each of these', async () => {
    await expectHonestService(rig.port);
  });
});
