import { context, propagation, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import { Telemetry, type Facts, type HappeningName, type StepName } from '../../application/ports/telemetry';
import { HAPPENING_METRICS, STEP_METRICS } from './metric-table';
import { Metrics } from './metrics';

/** As OpenTelemetry names what is ours. */
const PREFIX = 'stagegate.';
const NAMED: Readonly<Record<string, string>> = {
  method: 'http.request.method',
  route: 'http.route',
  status: 'http.response.status_code',
};

/** One seam for both: each step is a span, and its time is counted where the table of metrics says. */
export class ProcessTelemetry extends Telemetry {
  readonly metrics = new Metrics();
  /** Does nothing, at no cost, until somebody registers an SDK. */
  private readonly tracer = trace.getTracer('stagegate');

  step<T>(name: StepName, facts: Facts, work: (note: (facts: Facts) => void) => Promise<T>): Promise<T> {
    return this.tracer.startActiveSpan(titleOf(name, facts), { attributes: attributesOf(facts) }, (span) =>
      this.timed(name, facts, span, work),
    );
  }

  /** A step that somebody else's step led to, as its headers say (W3C Trace Context). */
  stepOf<T>(
    headers: object,
    name: StepName,
    facts: Facts,
    work: (note: (facts: Facts) => void) => Promise<T>,
  ): Promise<T> {
    return context.with(propagation.extract(context.active(), headers), () => this.step(name, facts, work));
  }

  happened(name: HappeningName, facts: Facts): void {
    const key = HAPPENING_METRICS[name];
    if (key) this.metrics.add(key, facts);
    this.tracer.startSpan(titleOf(name, facts), { attributes: attributesOf(facts) }).end();
  }

  /** For lines of the log: what they belong to, where a trace is under way. */
  logFields(): Readonly<Record<string, string>> {
    const span = trace.getActiveSpan()?.spanContext();
    return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
  }

  private async timed<T>(
    name: StepName,
    facts: Facts,
    span: Span,
    work: (note: (facts: Facts) => void) => Promise<T>,
  ): Promise<T> {
    const startedAt = performance.now();
    let known = facts;
    try {
      return await work((more) => {
        known = { ...known, ...more };
      });
    } catch (error) {
      // What it says may quote anything: the log has it, without secrets.
      span.setStatus({ code: SpanStatusCode.ERROR });
      known = { outcome: 'failed', ...known };
      throw error;
    } finally {
      const key = known['isStream'] === true ? null : STEP_METRICS[name];
      if (key) this.metrics.observe(key, known, (performance.now() - startedAt) / 1_000);
      if (name === 'request') this.metrics.add('requests', known);
      span.setAttributes(attributesOf(known)).updateName(titleOf(name, known)).end();
    }
  }
}

/** By what it is about, where that is one of few. */
function titleOf(name: StepName | HappeningName, facts: Facts): string {
  const of = facts['route'] ?? facts['job'] ?? facts['sink'] ?? facts['gate'] ?? facts['stream'];
  const what = name === 'request' ? String(facts['method'] ?? 'request') : name;
  return of === undefined ? what : `${what} ${String(of)}`;
}

function attributesOf(facts: Facts): Record<string, string | number | boolean> {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [NAMED[name] ?? `${PREFIX}${name}`, value]));
}
