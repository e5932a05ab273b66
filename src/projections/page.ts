import { RequestRefused } from '../application/refusals';

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
