import type { StoredEvent } from '../../application/ports/event-store';
import type { JsonObject } from '../../domain/json';
import { isPlainObject } from './portable-json';

type Contents = Pick<StoredEvent, 'data' | 'meta' | 'fault'>;

/**
 * What an event says, as it is stored. A hand or another program may have put anything there: that is told by `fault`, so
 * that one odd event hides none of the others.
 */
export function contentsOf(data: unknown, meta: unknown): Contents {
  if (isPlainObject(data) && isPlainObject(meta)) return { data: data as JsonObject, meta: meta as JsonObject };
  return faulty('expected an event of this program, saw data or metadata that are no objects');
}

/** The same from text. */
export function contentsIn(data: string, meta: string): Contents {
  try {
    return contentsOf(JSON.parse(data), JSON.parse(meta));
  } catch {
    // Not what an append has written, all of which was JSON.
    return faulty('expected an event of this program, saw data or metadata that are no JSON');
  }
}

export function faulty(fault: string): Contents {
  return { data: {}, meta: {}, fault };
}
