// What an operator's `--require` does, with an exporter that writes each span as a line into a file: `node --require tracing.cjs`.
const { appendFileSync } = require('node:fs');
const { context, propagation, trace } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { W3CTraceContextPropagator } = require('@opentelemetry/core');
const { BasicTracerProvider, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');

const exporter = {
  export(spans, done) {
    const lines = spans.map((span) => {
      const { traceId, spanId } = span.spanContext();
      return JSON.stringify({
        ...{ name: span.name, traceId, spanId, parent: span.parentSpanContext?.spanId ?? null },
        ...{ attributes: span.attributes, status: span.status },
      });
    });
    appendFileSync(process.env.TRACES_FILE, `${lines.join('\n')}\n`);
    done({ code: 0 });
  },
  shutdown: () => Promise.resolve(),
};
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
