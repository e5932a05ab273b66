import { RequestRefused } from '../application/refusals';

/** Where a list goes on, for whoever asks for the same again: it is of no use with other filters. */
export function cursorOf(filter: readonly (string | null)[], place: string): string {
  return Buffer.from(JSON.stringify([...filter, place])).toString('base64url');
}

/** @throws RequestRefused for what no page of this list has given. */
export function placeOfCursor(filter: readonly (string | null)[], cursor: string): string {
  const place = placeIn(cursor);
  if (place !== null && cursorOf(filter, place) === cursor) return place;
  const text = `cursor: expected the nextCursor of a page with the same filters, saw ${JSON.stringify(cursor)}; begin at the first page`;
  throw new RequestRefused('invalid', 'invalid-cursor', text);
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
