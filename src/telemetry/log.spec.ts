import { Secret } from '../config';
import { Log } from './log';
import { runInRequest } from './request-scope';

describe('Log', () => {
  const lines: string[] = [];
  const log = new Log({ level: 'info', destination: { write: (line) => void lines.push(line) } });
  const record = (): Record<string, unknown> => JSON.parse(lines[0] ?? '') as Record<string, unknown>;
  beforeEach(() => {
    lines.length = 0;
  });

  it('writes one line with level, time, message and fields', () => {
    log.write('warn', 'relay parked a row', { outboxId: 7 });
    expect(record()).toMatchObject({ level: 'warn', msg: 'relay parked a row', outboxId: 7 });
    expect(String(record()['time'])).toMatch(/^\d{4}-\d\d-\d\dT/u);
    expect(lines).toHaveLength(1);
  });

  it('keeps one record on one line for every reader', () => {
    const hostile = 'a\r\nb\u0000\u001b[31mc\u007f\u0085\u009b\u2028\u2029{"level":"fatal"}';
    log.write('info', hostile, { [hostile]: hostile, nested: { list: [hostile] } });
    expect(lines).toHaveLength(1);
    // eslint-disable-next-line no-control-regex -- this is the assertion
    expect(lines[0]?.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/u);
    expect(record()['msg']).toBe(hostile);
  });

  it('caps a field of a megabyte at a kilobyte', () => {
    log.write('info', 'm'.repeat(1_000_000), { field: 'f'.repeat(1_000_000), list: Array(1_000).fill('x') });
    expect(lines[0]?.length).toBeLessThan(3_000);
    expect(record()['field']).toMatch(/… \(1000000 characters\)$/u);
  });

  it('stops at cycles and depth', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    log.write('info', 'cycle', { cycle });
    expect(lines[0]).toContain('[deep]');
  });

  it('prints no secret: not by class, not by name, not in a URL, not in an error', () => {
    const canary = 'canary-77aa';
    log.write('error', `cannot reach postgresql://user:${canary}@db/x`, {
      key: new Secret(canary),
      authorization: canary,
      headers: { 'x-bsv-payment': canary, Cookie: canary, apiKey: canary },
      privateKey: canary,
      error: Object.assign(new Error(`at redis://:${canary}@host`), { parameters: [canary], query: canary }),
      octets: Buffer.from(canary),
    });
    expect(lines.join('')).not.toContain(canary);
    expect(lines.join('')).not.toContain(Buffer.from(canary).toString('base64'));
    expect(record()).toMatchObject({ key: '[secret]', authorization: '[secret]', octets: '[11 bytes]' });
  });

  it('keeps the stack, the code and the cause of an error', () => {
    const error = Object.assign(new Error('outer', { cause: new Error('inner') }), { code: 'E_OUTER' });
    log.write('error', 'failed', { error });
    expect(record()['error']).toMatchObject({
      name: 'Error',
      code: 'E_OUTER',
      message: 'outer',
      cause: { message: 'inner' },
    });
    expect((record()['error'] as { stack: string }).stack).toContain('log.spec');
  });

  it('takes what Nest passes', () => {
    log.log('started', 'NestApplication');
    expect(record()).toMatchObject({ level: 'info', msg: 'started', context: 'NestApplication' });
    lines.length = 0;
    log.error(new Error('broken'), 'Relay');
    expect(record()).toMatchObject({ level: 'error', msg: 'broken', context: 'Relay', error: { message: 'broken' } });
    lines.length = 0;
    log.warn({ attempt: 3 }, 'Relay');
    expect(record()).toMatchObject({ level: 'warn', attempt: 3, context: 'Relay' });
  });

  it('carries the id of the request it was written in', async () => {
    await runInRequest({ requestId: 'request-1' }, async () => {
      await Promise.resolve();
      log.write('info', 'inside');
    });
    expect(record()['requestId']).toBe('request-1');
  });

  it('writes nothing below its level', () => {
    log.debug('quiet', 'Any');
    expect(lines).toEqual([]);
  });
});
