import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Facts } from '../../application/ports/telemetry';
import { METRICS, type MetricKey, type MetricRow } from './metric-table';

type Metric = Counter | Gauge | Histogram;

/** The metrics of this process, as their table has them. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly metrics: ReadonlyMap<string, Metric>;

  constructor() {
    const { registry } = this;
    this.metrics = new Map(Object.entries(METRICS).map(([key, row]) => [key, made(row, registry)]));
    collectDefaultMetrics({ register: registry });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** In the text format of Prometheus. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  add(key: MetricKey, facts: Facts, by = 1): void {
    const metric = this.metrics.get(key);
    if (metric instanceof Counter || metric instanceof Gauge) metric.inc(labelsOf(key, facts), by);
  }

  observe(key: MetricKey, facts: Facts, seconds: number): void {
    const metric = this.metrics.get(key);
    if (metric instanceof Histogram) metric.observe(labelsOf(key, facts), seconds);
  }

  /** Everything that there is of it, in the place of what there was: what is gone must not stay. */
  replace(key: MetricKey, values: Iterable<readonly [facts: Facts, value: number]>): void {
    this.metrics.get(key)?.reset();
    for (const [facts, value] of values) this.add(key, facts, value);
  }
}

function made({ name, type, help, labels, buckets }: MetricRow, registry: Registry): Metric {
  const settings = { name, help, labelNames: [...labels], registers: [registry] };
  switch (type) {
    case 'gauge':
      return new Gauge(settings);
    case 'counter':
      return new Counter(settings);
    case 'histogram':
      return new Histogram({ ...settings, buckets: [...(buckets ?? [])] });
  }
}

/** What the metric has as labels; whatever else is known is for traces. */
function labelsOf(key: MetricKey, facts: Facts): Record<string, string> {
  return Object.fromEntries(METRICS[key].labels.map((label) => [label, String(facts[label] ?? '')]));
}
