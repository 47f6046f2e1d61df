import { type Attributes, type Histogram, SpanStatusCode, trace } from '@opentelemetry/api';

let stepSeconds: Histogram | undefined;

/** Set while the metrics run, so that every span of the story is also a duration series. */
export const recordStepsIn = (histogram: Histogram | undefined): void => {
  stepSeconds = histogram;
};

/**
 * Runs one step of the story inside a span. A step that throws marks its span; a refusal is an ordinary answer and does not.
 * Attributes MUST NOT carry secrets or input bytes; they leave this process.
 */
export function withSpan<T>(name: string, attributes: Attributes, run: () => Promise<T>): Promise<T> {
  return trace.getTracer('portcullis').startActiveSpan(name, { attributes }, async (span) => {
    const startedAt = process.hrtime.bigint();
    try {
      return await run();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
      throw error;
    } finally {
      stepSeconds?.record(Number(process.hrtime.bigint() - startedAt) / 1e9, { step: name });
      span.end();
    }
  });
}
