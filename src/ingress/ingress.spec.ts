import { HttpException, NotFoundException } from '@nestjs/common';
import { rejections } from '#atomic-core';
import { isDatabaseOutage } from './database-outage';
import { judgeError } from './judge-error';
import { retryAfterOf } from './problem';
import { readJson } from './read-json';
import { RejectionError } from './rejection-error';
import { RouteTable } from './route-table';
import { TokenBuckets, rateKeyOfAddress } from './token-bucket';

const withCode = (message: string, fields: object): Error => Object.assign(new Error(message), fields);

describe('judgeError', () => {
  it('passes a refusal through with its headers', () => {
    const error = new RejectionError({ code: 'payment-required', detail: 'd' }, { headers: { 'x-bsv-a': '1' } });
    expect(judgeError(error)).toMatchObject({
      rejection: { code: 'payment-required', detail: 'd' },
      headers: { 'x-bsv-a': '1' },
    });
  });

  it.each([
    [new NotFoundException('Cannot GET /secret'), 'route-not-found'],
    [new HttpException('x', 418), 'internal-fault'],
    [withCode('too large', { name: 'FastifyError', statusCode: 413 }), 'body-too-large'],
    [withCode('not ours to show', { statusCode: 404 }), 'internal-fault'],
    [withCode('57014', { code: '57014' }), 'database-unavailable'],
    ['a string', 'internal-fault'],
    [undefined, 'internal-fault'],
  ])('gives %s one row of the table, in the words of the table', (error, code) => {
    const { rejection } = judgeError(error);
    expect(rejection).toEqual({ code, detail: rejections[code as keyof typeof rejections].sentence });
  });

  it('gives every 429 and 503 a time to wait', () => {
    for (const [code, { status }] of Object.entries(rejections)) {
      const seconds = retryAfterOf(code as keyof typeof rejections);
      expect([code, seconds !== undefined]).toEqual([code, status === 429 || status === 503]);
    }
    expect(retryAfterOf('rate-limited', 2.2)).toBe(3);
  });
});

describe('isDatabaseOutage', () => {
  it.each([
    withCode('connect ECONNREFUSED', { code: 'ECONNREFUSED', syscall: 'connect' }),
    withCode('connect ENOENT', { code: 'ENOENT', syscall: 'connect' }),
    withCode('terminating connection due to administrator command', { code: '57P01' }),
    withCode('sorry, too many clients already', { code: '53300' }),
    withCode('query failed', { driverError: withCode('canceling statement due to lock timeout', { code: '55P03' }) }),
    new Error('timeout exceeded when trying to connect'),
    new Error('Connection terminated unexpectedly'),
    new AggregateError([withCode('a', { code: 'ECONNREFUSED', syscall: 'connect' })]),
  ])('sees that the database is away: %s', (error) => {
    expect(isDatabaseOutage(error)).toBe(true);
  });

  it.each([
    withCode('no such file', { code: 'ENOENT', syscall: 'open' }),
    withCode('duplicate key', { code: '23505' }),
    withCode('syntax error', { code: '42601' }),
    new TypeError('x is undefined'),
    'ECONNREFUSED',
  ])('does not blame it for %s', (error) => {
    expect(isDatabaseOutage(error)).toBe(false);
  });
});

describe('TokenBuckets', () => {
  it('allows twice the rate at once, then the rate, and says how long to wait', () => {
    const buckets = new TokenBuckets(10, 100);
    const taken = Array.from({ length: 20 }, () => buckets.take('a', 0));
    expect(taken.every((wait) => wait === 0)).toBe(true);
    expect(buckets.take('a', 0)).toBe(1);
    expect(buckets.take('b', 0)).toBe(0);
    expect(buckets.take('a', 100)).toBe(0);
    expect(buckets.take('a', 100)).toBe(1);
  });

  it('stays bounded under a spray of keys, and remembers whoever keeps coming', () => {
    const buckets = new TokenBuckets(1, 1_000);
    for (let index = 0; index < 50_000; index += 1) {
      buckets.take(`key-${String(index)}`, 0);
      if (index % 500 === 0) buckets.take('busy', 0);
    }
    expect(buckets.size).toBe(1_000);
    expect(buckets.take('busy', 0)).toBe(1);
  });

  it('is not turned back by a clock that is', () => {
    const buckets = new TokenBuckets(1, 10);
    buckets.take('a', 1_000);
    expect(buckets.take('a', 0)).toBe(0);
    expect(buckets.take('a', 0)).toBe(1);
  });

  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::6', '2001:db8:1:2'],
    ['2001:db8::6', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
  ])('counts %s as %s', (address, key) => {
    expect(rateKeyOfAddress(address)).toBe(key);
  });
});

describe('RouteTable', () => {
  const routes = new RouteTable();
  routes.add('GET', '/v1/submissions/:id');
  routes.add(['POST', 'GET'], '/v1/submissions');

  it.each([
    ['/v1/submissions', ['GET', 'POST']],
    ['/v1/submissions/abc', ['GET']],
    ['/v1/submissions/', []],
    ['/v1/submissions/a/b', []],
    ['/V1/submissions', []],
    ['', []],
  ])('knows what answers at %s', (path, methods) => {
    expect(routes.allowedAt(path)).toEqual(methods);
  });
});

describe('readJson', () => {
  it('reads four megabytes of base64 in one string in the time of a copy', () => {
    const beef = 'A'.repeat(4 * 1_048_576);
    const body = Buffer.from(JSON.stringify({ beef, topics: ['tm_documents'] }));
    const times = [1, 2, 3].map(() => {
      const startedAt = performance.now();
      expect(readJson(body)).toEqual({ ok: true, value: { beef, topics: ['tm_documents'] } });
      return performance.now() - startedAt;
    });
    // The best of them: a machine that is busy makes one slow, a defect makes all.
    expect(Math.min(...times)).toBeLessThan(250);
  });

  it.each([
    ['backslashes', `"${'\\\\'.repeat(50_000)}"`],
    ['quotes', `"${'\\"'.repeat(50_000)}"`],
    ['open brackets', '['.repeat(100_000)],
    ['colons', ':'.repeat(100_000)],
    ['an open string of backslashes', `"${'\\'.repeat(100_001)}`],
  ])('is linear over 100 KB of %s', (_name, text) => {
    const best = (octets: Buffer): number =>
      Math.min(
        ...Array.from({ length: 3 }, () => {
          const startedAt = performance.now();
          readJson(octets);
          return performance.now() - startedAt;
        }),
      );
    const tenth = best(Buffer.from(text.slice(0, text.length / 10)));
    // What grows with the square takes a hundred times as long.
    expect(best(Buffer.from(text))).toBeLessThan(40 * Math.max(1, tenth));
  });
});
