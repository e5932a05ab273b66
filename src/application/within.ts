import type { Clock } from './ports/clock';
import { sleep } from './sleep';

export const LATE = Symbol('late');

/** @returns what the work comes to, or `LATE` after `ms`; the work goes on then, unheard. @throws what the work does in time. */
export async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | typeof LATE> {
  const over = new AbortController();
  const late = sleep(clock, ms, over.signal).then((): typeof LATE => LATE);
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}
