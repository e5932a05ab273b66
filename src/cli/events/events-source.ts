import type { EventsAsked, EventsPage } from '../../application/event-feed/event-requests';
import type { CloudEvent } from '../../domain/published/cloud-event';

/** The log, from a running service or from its store. */
export interface EventsSource {
  page(asked: EventsAsked): Promise<EventsPage>;
  /**
   * What is there, then what comes, until the signal aborts. What breaks off is begun again behind the last event.
   *
   * @param note is told when it breaks off, and when it goes on.
   * @throws UserError for what would be refused again.
   */
  follow(asked: EventsAsked, signal: AbortSignal, note: (text: string) => void): AsyncIterable<CloudEvent>;
}

/** How often a store is looked at where no service tells of what comes. */
const LOOK_EVERY_MS = 500;

/** Page after page, to the end. */
export async function* pagesOf(source: Pick<EventsSource, 'page'>, asked: EventsAsked): AsyncGenerator<CloudEvent> {
  let { from } = asked;
  for (;;) {
    const { items, next, isEnd } = await source.page({ ...asked, from, limit: '500' });
    yield* items;
    if (isEnd) return;
    from = next;
  }
}

/** Page after page, again and again. */
export async function* polled(
  source: Pick<EventsSource, 'page'>,
  asked: EventsAsked,
  signal: AbortSignal,
  wait: (ms: number, signal: AbortSignal) => Promise<void>,
): AsyncGenerator<CloudEvent> {
  let { from } = asked;
  while (!signal.aborted) {
    const { items, next, isEnd } = await source.page({ ...asked, from, limit: '500' });
    yield* items;
    from = next;
    if (isEnd) await wait(LOOK_EVERY_MS, signal);
  }
}
