import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Counter, Histogram, Meter } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { type GaugeRow, GaugeTables } from './gauge-tables';
import { recordStepsIn } from './with-span';

export interface RequestMeasure {
  readonly method: string;
  /** The route's pattern, never the path: a series per path would let callers fill our memory. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

export type Labels = Readonly<Record<string, string>>;

const SECONDS_BOUNDARIES = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The instruments of this process. Labels are closed sets: never an id, key or path of a caller. What has to name one is a `table`. */
export class Metrics {
  readonly #tables = new GaugeTables();
  readonly exporter = new PrometheusExporter({ preventServerStart: true, metricProducers: [this.#tables] });
  readonly #provider: MeterProvider;
  readonly #meter: Meter;
  readonly #requests: Counter;
  readonly #requestSeconds: Histogram;
  readonly #submissions: Counter;
  readonly #settlements: Counter;
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 10 });

  constructor() {
    this.#provider = new MeterProvider({ readers: [this.exporter] });
    this.#meter = this.#provider.getMeter('portcullis');
    this.#requests = this.#meter.createCounter('portcullis_http_requests', {
      description: 'Answers by route and status',
    });
    this.#requestSeconds = this.#histogram('portcullis_http_request_seconds', 'Time from request head to answer');
    this.#submissions = this.#meter.createCounter('portcullis_submissions', { description: 'Submissions by outcome' });
    this.#settlements = this.#meter.createCounter('portcullis_settlement_moves', {
      description: 'Moves by settlement',
    });
    recordStepsIn(this.#histogram('portcullis_step_seconds', 'Time of each step of a submission'));
    this.#watchProcess();
  }

  countRequest({ method, route, status, seconds }: RequestMeasure): void {
    this.#requests.add(1, { method, route, status });
    this.#requestSeconds.record(seconds, { method, route });
  }

  /** `applied`, `replayed` or the code of the refusal. */
  countSubmission(outcome: string): void {
    this.#submissions.add(1, { outcome });
  }

  countSettlement(settlement: string): void {
    this.#settlements.add(1, { settlement });
  }

  /** A number that only grows. Like everywhere here, the values of its labels MUST be a closed set. */
  counter(name: string, description: string): (amount: number, labels?: Labels) => void {
    const counter = this.#meter.createCounter(`portcullis_${name}`, { description });
    return (amount, labels) => {
      if (amount > 0) counter.add(amount, labels);
    };
  }

  /** How many of something came together. */
  sizes(name: string, description: string, boundaries: readonly number[]): (size: number) => void {
    const advice = { explicitBucketBoundaries: [...boundaries] };
    const histogram = this.#meter.createHistogram(`portcullis_${name}`, { description, advice });
    return (size) => histogram.record(size);
  }

  /** Reads a value whenever the metrics are asked for; a read that fails leaves the series out of that answer. */
  gauge(name: string, description: string, read: () => number | Promise<number>, labels?: Labels): void {
    this.#meter.createObservableGauge(`portcullis_${name}`, { description }).addCallback(async (result) => {
      try {
        result.observe(await read(), labels);
      } catch {
        // An absent series is what an alert on `absent()` sees; the cause is logged by the readiness probe.
      }
    });
  }

  /** The one exception to closed sets of labels: the few that somebody has to name, at most `rowsMax` of them in an answer. */
  table(name: string, description: string, rowsMax: number, read: () => Promise<readonly GaugeRow[]>): void {
    this.#tables.add({ name: `portcullis_${name}`, description, rowsMax, read });
  }

  async stop(): Promise<void> {
    recordStepsIn(undefined);
    this.#loopDelay.disable();
    await this.#provider.shutdown();
  }

  #histogram(name: string, description: string): Histogram {
    const advice = { explicitBucketBoundaries: SECONDS_BOUNDARIES };
    return this.#meter.createHistogram(name, { description, unit: 's', advice });
  }

  #watchProcess(): void {
    this.#loopDelay.enable();
    const delay = this.#meter.createObservableGauge('portcullis_event_loop_delay_seconds', {
      description: 'Delay of the main loop since the last answer to this question',
    });
    delay.addCallback((result) => {
      for (const quantile of [50, 99, 100]) {
        result.observe(this.#loopDelay.percentile(quantile) / 1e9, { quantile: quantile / 100 });
      }
      this.#loopDelay.reset();
    });
    this.gauge('resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss());
    this.gauge('uptime_seconds', 'Seconds since the process started', () => process.uptime());
  }
}
