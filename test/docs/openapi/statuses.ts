import { stanceOf } from '../../../src/infrastructure/http/stance';
import type { Route } from '../../support/routes';
import { conditionsOf } from './headers';

/** Of whatever is asked: of its head, its origin, its time, and of the service. */
const OF_EVERY_ROUTE = [400, 403, 408, 422, 429, 431, 500, 503];
const OF_BODIES = [409, 413, 415];
/** What it has forms of; a place that is gone. */
const OF_EVENTS = [406, 410];

/** Whoever has not signed; bodies are read all the same. */
const OF_SIGNED = [401, 409, 413, 415];

/** Statuses that a route may answer problems with. */
export function problemsOf({ path, handler }: Route, hasBody: boolean): readonly number[] {
  const found = [...OF_EVERY_ROUTE, 404, ...(hasBody ? OF_BODIES : [])];
  const match = conditionsOf(handler)?.match ?? 'no';
  if (match !== 'no') found.push(412);
  if (match === 'must') found.push(428);
  const stance = stanceOf(handler);
  if (stance !== 'everybody') found.push(401);
  if (path.endsWith('/log')) found.push(416);
  // Those that it had are lost, or there is no such part of one.
  if (path.endsWith('/:artifact')) found.push(410, 416);
  if (stance === 'signed') found.push(...OF_SIGNED);
  if (path === '/v1/events') found.push(...OF_EVENTS);
  return [...new Set(found)].sort((a, b) => a - b);
}
