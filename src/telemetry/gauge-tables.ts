import { ValueType } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  type GaugeMetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';

export interface GaugeRow {
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
}

interface GaugeTable {
  readonly name: string;
  readonly description: string;
  readonly rowsMax: number;
  readonly read: () => Promise<readonly GaugeRow[]>;
}

/**
 * Gauges whose series come and go. An instrument of the SDK repeats every series that it ever had, so the labels of one have to be a closed set; here an answer
 * is what was read for it, and at most so many rows.
 */
export class GaugeTables implements MetricProducer {
  readonly #tables: GaugeTable[] = [];

  add(table: GaugeTable): void {
    this.#tables.push(table);
  }

  async collect(): Promise<CollectionResult> {
    const now: [number, number] = [Math.floor(Date.now() / 1_000), 0];
    const metrics: GaugeMetricData[] = [];
    for (const { name, description, rowsMax, read } of this.#tables) {
      // A read that fails leaves the series out of this answer, as with every gauge.
      const rows = await read().catch(() => []);
      const dataPoints = rows
        .slice(0, rowsMax)
        .map(({ value, labels }) => ({ startTime: now, endTime: now, attributes: labels, value }));
      if (dataPoints.length === 0) continue;
      metrics.push({
        descriptor: { name, description, unit: '', valueType: ValueType.DOUBLE },
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        ...{ dataPointType: DataPointType.GAUGE, dataPoints },
      });
    }
    const scopeMetrics = [{ scope: { name: 'portcullis' }, metrics }];
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics }, errors: [] };
  }
}
