import { CONDITIONS_METADATA, ETAG_METADATA, type TakenConditions } from '../../../src/infrastructure/http/conditions';
import type { Route } from '../../support/routes';
import type { Schema } from './schema';

/** On which conditions a route may be asked; undefined where it takes none. */
export function conditionsOf(handler: object): TakenConditions | undefined {
  return Reflect.getMetadata(CONDITIONS_METADATA, handler) as TakenConditions | undefined;
}

/** What the ETag of a route's answer is; undefined where it has none. */
export function etagOf({ handler }: Pick<Route, 'handler'>): string | undefined {
  return Reflect.getMetadata(ETAG_METADATA, handler) as string | undefined;
}

/** The headers that a route reads. @param hasRanges whether parts of its answer can be asked for */
export function headersOf(route: Route, hasRanges: boolean): readonly Schema[] {
  const taken = conditionsOf(route.handler);
  const headers: Schema[] = [];
  if (etagOf(route) !== undefined)
    headers.push(header('If-None-Match', 'The ETag that is known already.', '"7"', { type: 'string' }));
  if (hasRanges) headers.push(header('Range', 'One part of it, in bytes.', 'bytes=0-65535', { type: 'string' }));
  if (hasRanges && etagOf(route) !== undefined) {
    const about = 'The ETag of what the part is wanted of; of anything else all of it is sent.';
    headers.push(header('If-Range', about, '"7"', { type: 'string' }));
  }
  if (taken && taken.match !== 'no') {
    const pattern = '^(?:\\*|"[0-9]{1,18}")$';
    const about = 'The ETag of the task as it was seen, or * for whatever it is by now.';
    headers.push({
      ...header('If-Match', about, '"7"', { type: 'string', pattern }),
      required: taken.match === 'must',
    });
  }
  if (taken) {
    const schema = { type: 'string', pattern: '^[!-~]{1,255}$' };
    headers.push(
      header('Idempotency-Key', 'Of this request, which may be sent again under it.', '4f1c0e52-submit', schema),
    );
  }
  return headers;
}

/** An answer with the headers that it has. */
export function withHeaders(answer: Schema, route: Route): Schema {
  const etag = etagOf(route);
  const headers = {
    ...(etag !== undefined && { ETag: { description: etag, schema: { type: 'string' } } }),
    ...(conditionsOf(route.handler) && {
      'Idempotency-Replayed': { description: 'true: it was done before.', schema: { const: 'true' } },
    }),
  };
  return Object.keys(headers).length === 0 ? answer : { ...answer, headers };
}

function header(name: string, description: string, example: string, schema: Schema): Schema {
  return { name, in: 'header', required: false, description, schema, example };
}
