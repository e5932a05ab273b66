import type { Readable } from 'node:stream';

/** A call that the server did not answer in time; what became of it is unknown. */
export class TookTooLong extends Error {
  constructor(readonly withinMs: number) {
    super(`no answer within ${Math.round(withinMs)} ms`);
    this.name = 'TookTooLong';
  }
}

interface Page extends Readable {
  cancel(): Promise<void>;
}

/** All of a page. @throws what the client throws, or `TookTooLong`: the client itself would wait for ever. */
export function collect<T>(page: Page, withinMs: number): Promise<T[]> {
  return new Promise((resolve, reject) => {
    const found: T[] = [];
    const timer = setTimeout(() => {
      const error = new TookTooLong(withinMs);
      reject(error);
      // One alone leaves the call open, the other alone ends as if there were no more events.
      page.cancel().catch(() => undefined);
      page.destroy(error);
    }, withinMs);
    page.on('data', (item: T) => {
      found.push(item);
    });
    page.on('end', () => {
      clearTimeout(timer);
      resolve(found);
    });
    // Stays: the client tells more than one error, and one that nobody hears ends the process.
    page.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}
