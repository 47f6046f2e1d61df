import { context, propagation, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-node';
import { openSpans } from './with-span';

export interface Tracing {
  stop(): Promise<void>;
}

/** Traces cost nothing while no collector is configured: `withSpan` then opens none. */
export function startTracing(otlpUrl: string | undefined, processors: SpanProcessor[] = []): Tracing {
  const exporting =
    otlpUrl === undefined ? [] : [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${otlpUrl}/v1/traces` }))];
  const spanProcessors = [...exporting, ...processors];
  if (spanProcessors.length === 0) return { stop: () => Promise.resolve() };
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'portcullis' }),
    spanProcessors,
  });
  provider.register();
  openSpans(true);
  return {
    stop: async () => {
      // A collector that is down must not turn a clean stop into a failed one.
      await provider.shutdown().catch(() => undefined);
      openSpans(false);
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}
