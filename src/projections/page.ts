import { RequestRefused } from '../application/refusals';
import { cursorOf, placeOfCursor, type PageFilter } from './cursor';

/** A page of a list, as it is asked for: text, or whatever else a URL may hold. */
export interface PageAsk {
  /** Most items of it. */
  readonly limit?: unknown;
  /** `nextCursor` of the page before. */
  readonly cursor?: unknown;
}

export const PER_PAGE = 100;
export const MOST_PER_PAGE = 500;

/** Items of a page, by what is asked for, which may be anything. @throws RequestRefused */
export function limitOf(limit: unknown): number {
  if (limit === undefined || limit === null) return PER_PAGE;
  const isNumber = typeof limit === 'string' && /^\d{1,3}$/.test(limit);
  if (isNumber && Number(limit) >= 1 && Number(limit) <= MOST_PER_PAGE) return Number(limit);
  const text = `limit: expected a whole number from 1 to ${MOST_PER_PAGE}, saw ${JSON.stringify(limit)}`;
  throw new RequestRefused('invalid', 'invalid-limit', text);
}

/**
 * A page of what is known as a whole.
 *
 * @param placeOf of an item, unlike that of any other.
 * @throws RequestRefused when it is asked for wrongly, or its place is gone.
 */
export function pageOf<T>(
  all: readonly T[],
  { limit, cursor }: PageAsk,
  filter: PageFilter,
  placeOf: (item: T) => string,
): { readonly items: readonly T[]; readonly nextCursor: string | null } {
  const size = limitOf(limit);
  const before = placeOfCursor(filter, cursor, (place) => {
    const at = all.findIndex((item) => placeOf(item) === place);
    return at < 0 ? null : at;
  });
  const begin = before === null ? 0 : before + 1;
  const items = all.slice(begin, begin + size);
  const last = begin + size < all.length ? items.at(-1) : undefined;
  return { items, nextCursor: last === undefined ? null : cursorOf(filter, placeOf(last)) };
}
