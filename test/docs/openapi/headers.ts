import { CONDITIONS_METADATA, ETAG_METADATA, type TakenConditions } from '../../../src/infrastructure/http/conditions';
import type { Route } from '../../support/routes';
import type { Schema } from './schema';

const REVISION = "The revision of the task's stream, in quotes.";

/** On which conditions a route may be asked; undefined where it takes none. */
export function conditionsOf(handler: object): TakenConditions | undefined {
  return Reflect.getMetadata(CONDITIONS_METADATA, handler) as TakenConditions | undefined;
}

export function hasEtag({ handler }: Pick<Route, 'handler'>): boolean {
  return Reflect.getMetadata(ETAG_METADATA, handler) === true;
}

/** The headers that a route reads. */
export function headersOf(route: Route): readonly Schema[] {
  const taken = conditionsOf(route.handler);
  const headers: Schema[] = [];
  if (hasEtag(route))
    headers.push(header('If-None-Match', 'The ETag that is known already.', '"7"', { type: 'string' }));
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
  const headers = {
    ...(hasEtag(route) && { ETag: { description: REVISION, schema: { type: 'string' } } }),
    ...(conditionsOf(route.handler) && {
      'Idempotency-Replayed': { description: 'true: it was done before.', schema: { const: 'true' } },
    }),
  };
  return Object.keys(headers).length === 0 ? answer : { ...answer, headers };
}

function header(name: string, description: string, example: string, schema: Schema): Schema {
  return { name, in: 'header', required: false, description, schema, example };
}
