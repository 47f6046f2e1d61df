import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Metrics } from './metrics';
import { MetricsServer } from './metrics-server';
import { startTracing } from './tracing';
import { recordStepsIn, withSpan } from './with-span';

const read = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

describe('withSpan', () => {
  it('nests steps, and marks a step that throws', async () => {
    const exporter = new InMemorySpanExporter();
    const tracing = startTracing(undefined, [new SimpleSpanProcessor(exporter)]);
    try {
      await withSpan('submit', { topics: 1 }, () => withSpan('verify', {}, () => Promise.resolve()));
      await expect(withSpan('commit', {}, () => Promise.reject(new RangeError('secret text')))).rejects.toThrow(
        RangeError,
      );
      const [verify, submit, commit] = exporter.getFinishedSpans();
      expect([verify?.name, submit?.name, commit?.name]).toEqual(['verify', 'submit', 'commit']);
      expect(verify?.parentSpanContext?.spanId).toBe(submit?.spanContext().spanId);
      expect(commit?.status).toEqual({ code: 2, message: 'RangeError' });
    } finally {
      await tracing.stop();
    }
  });

  it('costs no span while no collector is configured', async () => {
    const tracing = startTracing(undefined);
    await withSpan('submit', {}, () => {
      expect(trace.getActiveSpan()?.isRecording() ?? false).toBe(false);
      return Promise.resolve();
    });
    await tracing.stop();
  });

  it('rejects for a step that throws at once, and measures it, traced or not', async () => {
    const seconds: unknown[] = [];
    recordStepsIn({ record: (_: number, labels: unknown) => seconds.push(labels) });
    const fail = (): Promise<void> => {
      throw new RangeError('at once');
    };
    try {
      await expect(withSpan('untraced', {}, fail)).rejects.toThrow(RangeError);
      const tracing = startTracing(undefined, [new SimpleSpanProcessor(new InMemorySpanExporter())]);
      await expect(withSpan('traced', {}, fail)).rejects.toThrow(RangeError);
      await tracing.stop();
      expect(seconds).toEqual([{ step: 'untraced' }, { step: 'traced' }]);
    } finally {
      recordStepsIn(undefined);
    }
  });

  it('sends spans to the collector over OTLP', async () => {
    const received: { url: string | undefined; body: string }[] = [];
    const collector = createServer((request, response) => {
      void read(request).then((body) => {
        received.push({ url: request.url, body });
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
    const tracing = startTracing(`http://127.0.0.1:${String((collector.address() as AddressInfo).port)}`);
    await withSpan('commit', {}, () => Promise.resolve());
    await tracing.stop();
    collector.close();
    expect(received[0]?.url).toBe('/v1/traces');
    expect(received[0]?.body).toContain('"name":"commit"');
    expect(received[0]?.body).toContain('portcullis');
  });
});

describe('Metrics', () => {
  const metrics = new Metrics();
  const server = new MetricsServer(metrics);
  const scrape = async (): Promise<string> => (await fetch(`http://127.0.0.1:${String(server.port)}/metrics`)).text();
  beforeAll(() => server.start('127.0.0.1', 0));
  afterAll(async () => {
    await server.stop();
    await metrics.stop();
  });

  it('answers Prometheus with requests, steps, outcomes, gauges and the delay of the loop', async () => {
    metrics.countRequest({ method: 'POST', route: '/v1/submissions', status: 201, seconds: 0.02 });
    metrics.countSubmission('applied');
    metrics.countSettlement('seen');
    metrics.gauge('outbox_waiting_rows', 'Rows', () => Promise.resolve(3));
    metrics.sizes('commit_group_size', 'Sizes', [1, 10])(7);
    await withSpan('commit', {}, () => Promise.resolve());
    const text = await scrape();
    expect(text).toMatch(/portcullis_http_requests_total\{[^}]*route="\/v1\/submissions"[^}]*status="201"[^}]*\} 1/u);
    expect(text).toMatch(/portcullis_http_request_seconds_bucket\{[^}]*le="0.025"[^}]*\} 1/u);
    expect(text).toMatch(/portcullis_step_seconds_count\{[^}]*step="commit"[^}]*\} [1-9]/u);
    expect(text).toMatch(/portcullis_submissions_total\{[^}]*outcome="applied"[^}]*\} 1/u);
    expect(text).toMatch(/portcullis_settlement_moves_total\{[^}]*settlement="seen"[^}]*\} 1/u);
    expect(text).toMatch(/portcullis_commit_group_size_bucket\{[^}]*le="10"[^}]*\} 1/u);
    expect(text).toMatch(/portcullis_outbox_waiting_rows(?:\{[^}]*\})? 3/u);
    expect(text).toMatch(/portcullis_event_loop_delay_seconds\{[^}]*quantile="0.99"[^}]*\} /u);
  });

  it('names in a table what is so now and nothing that was, at most so many', async () => {
    let rows = [1, 2, 3].map((value) => ({ value, labels: { outpoint: `coin ${value}` } }));
    let isAway = false;
    metrics.table('coin_age_seconds', 'Of a few', 2, () =>
      isAway ? Promise.reject(new Error('database away')) : Promise.resolve(rows),
    );
    const told = async (): Promise<string[]> => (await scrape()).match(/^portcullis_coin_age_seconds.*$/gmu) ?? [];
    const line = (value: number) => expect.stringMatching(`outpoint="coin ${value}".*} ${value}$`) as string;
    expect(await told()).toEqual([line(1), line(2)]);
    rows = rows.slice(2);
    expect(await told()).toEqual([line(3)]);
    isAway = true;
    expect(await told()).toEqual([]);
    expect(await scrape()).toContain('portcullis_uptime_seconds');
  });

  it('leaves out a gauge that cannot be read, and answers the rest', async () => {
    metrics.gauge('broken', 'Never', () => Promise.reject(new Error('database away')));
    const text = await scrape();
    expect(text).not.toMatch(/^portcullis_broken /mu);
    expect(text).toContain('portcullis_resident_memory_bytes');
  });

  it('answers nothing else', async () => {
    const origin = `http://127.0.0.1:${String(server.port)}`;
    expect((await fetch(`${origin}/`)).status).toBe(404);
    expect((await fetch(`${origin}/metrics`, { method: 'POST' })).status).toBe(404);
  });

  it('refuses to start on a port that is taken', async () => {
    const second = new MetricsServer(metrics);
    await expect(second.start('127.0.0.1', server.port ?? 0)).rejects.toThrow('EADDRINUSE');
  });
});
