import { randomBytes } from 'node:crypto';
import { SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { issueDocument, waitUntil } from '#testkit';
import { startTracing, type Tracing } from '../../src/telemetry/tracing';
import { type Caller, SubmissionsRig } from './submissions-rig';

const ROUTE = 'POST /v1/submissions';
const STEPS = ['authenticate', 'replay', 'payment', 'verify', 'plan', 'commit'];

describe('the traces of one submission', () => {
  const exporter = new InMemorySpanExporter();
  let tracing: Tracing;
  let rig: SubmissionsRig;
  let caller: Caller;
  beforeAll(async () => {
    // The application finds this provider where a collector would have put its own.
    tracing = startTracing(undefined, [new SimpleSpanProcessor(exporter)]);
    rig = await SubmissionsRig.open();
    caller = await rig.openCaller();
  }, 120_000);
  afterAll(async () => {
    await rig.close();
    await tracing.stop();
  }, 60_000);

  const named = (name: string): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.name === name);
  const childrenOf = (parent: ReadableSpan | undefined): string[] =>
    exporter
      .getFinishedSpans()
      .filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent?.spanContext().spanId)
      .map(({ name }) => name);

  it('cover every step of the story, from who asks to what the network proves', async () => {
    const content = { kind: 'order', documentId: 'PO-traced', contentHash: randomBytes(32) } as const;
    const { beef, txid } = await issueDocument(caller.wallet, content);
    expect((await caller.submit(beef)).status).toBe(201);
    const settlementIs = (wanted: string) => async () =>
      (await caller.call(`/v1/submissions/${txid}`)).json['settlement'] === wanted;
    await waitUntil('the network has seen the document', settlementIs('seen'));
    await rig.order('mine', { blocks: 1 });
    await waitUntil('the document is mined', settlementIs('mined'));
    await waitUntil('its proof is traced', () => named('relay.proof').some((span) => span.attributes['txid'] === txid));

    const paid = named(ROUTE).find((request) => childrenOf(request).includes('commit'));
    expect(childrenOf(paid)).toEqual(STEPS);
    const verified = named('verify').find((span) => sharesTrace(span, paid));
    expect(childrenOf(verified)).toEqual(['verify.read', 'verify.roots', 'verify.scripts']);
    const broadcast = named('relay.broadcast').find((span) => span.attributes['txid'] === txid);
    expect(broadcast?.attributes).toEqual({ txid, attempts: expect.any(Number) as number });
    expect(named('chain.follow')[0]?.attributes).toEqual({ sources: 1 });
  }, 60_000);

  it('mark no step for a refusal, and say nothing of what was sent', async () => {
    exporter.reset();
    const { status } = await fetch(`${rig.url}/v1/identity`, { headers: { authorization: 'Bearer s3cret' } });
    expect(status).toBe(401);
    await waitUntil('the refusal is traced', () => named('GET /v1/identity').length > 0);
    const spans = exporter.getFinishedSpans();
    expect(spans.filter((span) => span.status.code === SpanStatusCode.ERROR)).toEqual([]);
    expect(JSON.stringify(spans.map(({ name, attributes }) => [name, attributes]))).not.toContain('s3cret');
  });
});

function sharesTrace(one: ReadableSpan, other: ReadableSpan | undefined): boolean {
  return one.spanContext().traceId === other?.spanContext().traceId;
}
