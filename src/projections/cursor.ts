import { RequestRefused } from '../application/refusals';

/** What is asked for beside the page: a cursor is of no use with anything else. */
export type PageFilter = readonly (string | null)[];

/** Where a list goes on, for whoever asks for the same again. */
export function cursorOf(filter: PageFilter, place: string): string {
  return Buffer.from(JSON.stringify([...filter, place])).toString('base64url');
}

/**
 * @param cursor as it comes from outside; left out for the first page.
 * @param read of a place; null for what is none.
 * @returns null for the first page.
 * @throws RequestRefused for what no page of this list has given.
 */
export function placeOfCursor<Place>(
  filter: PageFilter,
  cursor: unknown,
  read: (place: string) => Place | null,
): Place | null {
  if (cursor === undefined || cursor === null) return null;
  const text = typeof cursor === 'string' ? placeIn(cursor) : null;
  const place = text !== null && cursorOf(filter, text) === cursor ? read(text) : null;
  if (place !== null) return place;
  const seen = `cursor: expected the nextCursor of a page with the same filters, saw ${JSON.stringify(cursor)}; begin at the first page`;
  throw new RequestRefused('malformed', 'invalid-cursor', seen);
}

/** A place that is an instant and, of several at the same one, a row's key. */
export interface KeyedInstant {
  readonly at: string;
  readonly key: string;
}

const KEYED_INSTANT = /^([0-9TZ:.-]+) (.+)$/s;

export function keyedInstantText({ at, key }: KeyedInstant): string {
  return `${at} ${key}`;
}

export function readKeyedInstant(text: string): KeyedInstant | null {
  const [, at, key] = KEYED_INSTANT.exec(text) ?? [];
  return at === undefined || key === undefined ? null : { at, key };
}

function placeIn(cursor: string): string | null {
  try {
    const said: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const place: unknown = Array.isArray(said) ? said.at(-1) : null;
    return typeof place === 'string' ? place : null;
  } catch {
    return null;
  }
}
