import type { RequestHandler } from 'express';
import type { ProcessTelemetry } from '../../telemetry/process-telemetry';

/** Whatever leads nowhere is one route: callers may ask for any. */
const NO_ROUTE = 'none';
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Makes a step of every request, from its head to the end of its answer. Stands before everything else. */
export function observeRequests(telemetry: ProcessTelemetry): RequestHandler {
  return (request, response, next) => {
    const method = METHODS.has(request.method) ? request.method : 'other';
    const work = (note: (facts: Record<string, string | number | boolean>) => void) =>
      new Promise<void>((resolve) => {
        response.once('close', () => {
          const isStream = String(response.getHeader('content-type') ?? '').startsWith('text/event-stream');
          note({ route: routeOf(request), status: response.statusCode, ...(isStream && { isStream }) });
          resolve();
        });
        next();
      });
    void telemetry.stepOf(request.headers, 'request', { method }, work);
  };
}

/** The pattern that has matched, never what it has matched. */
function routeOf({ route }: { readonly route?: unknown }): string {
  const { path } = (route ?? {}) as { readonly path?: unknown };
  return typeof path === 'string' ? path : NO_ROUTE;
}
