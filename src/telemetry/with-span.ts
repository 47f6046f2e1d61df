import { type Attributes, type Histogram, SpanStatusCode, trace } from '@opentelemetry/api';

let stepSeconds: Histogram | undefined;

/** Set while the metrics run, so that every span of the story is also a duration series. */
export const recordStepsIn = (histogram: Histogram | undefined): void => {
  stepSeconds = histogram;
};

let isTraced = false;

/** Set while spans go anywhere: the tracer that drops them costs a step about as much as its own bookkeeping. */
export const openSpans = (traced: boolean): void => {
  isTraced = traced;
};

/**
 * Runs one step of the story inside a span. A step that throws marks its span; a refusal is an ordinary answer and does not.
 * Attributes MUST NOT carry secrets or input bytes; they leave this process.
 */
export function withSpan<T>(name: string, attributes: Attributes, run: () => Promise<T>): Promise<T> {
  if (!isTraced) return measure(name, run);
  return trace.getTracer('portcullis').startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await measure(name, run);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
      throw error;
    } finally {
      span.end();
    }
  });
}

async function measure<T>(name: string, run: () => Promise<T>): Promise<T> {
  const startedAtMs = performance.now();
  try {
    return await run();
  } finally {
    stepSeconds?.record((performance.now() - startedAtMs) / 1_000, { step: name });
  }
}
