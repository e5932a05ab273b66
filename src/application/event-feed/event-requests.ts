import type { ProjectScope } from '../../domain/authority/principal';
import type { CloudEvent } from '../../domain/published/cloud-event';
import { positionText, START, writtenPosition } from '../position';
import type { Position } from '../ports/event-store';
import { RequestRefused, unfit } from '../refusals';
import { quoted } from '../secrets';
import type { EventFeed } from './event-feed';
import { parseFilter, type EventFilter, type FilterAsked, type FilterDeps } from './event-filter';
import type { PublishedEvent } from './published-event';

/** As a URL has it. */
export interface EventsAsked extends FilterAsked {
  /** A position, `start` or `now`; default: the start. */
  readonly from?: string | undefined;
  /** Of a page. */
  readonly limit?: string | undefined;
}

/** A part of the log. */
export interface EventsPage {
  readonly items: readonly CloudEvent[];
  /** Where to go on, also when there is nothing yet. */
  readonly next: string;
  /** Whether the log ended there. */
  readonly isEnd: boolean;
}

/** What somebody follows, and from where. */
export interface EventsStart {
  /** Everything behind it is told. */
  readonly from: Position;
  readonly filter: EventFilter;
}

export const EVENTS_PER_PAGE = 100;
export const MOST_EVENTS_PER_PAGE = 500;
/** A page ends earlier where its events are large, or few are wanted: whoever asks waits for it. */
const MOST_PAGE_CHARS = 2 * 1024 * 1024;
const MOST_LOOKED = 5_000;
const READ_AT_ONCE = 64;
const NOW = 'now';
const A_PLACE = `a position as 1234/1234, ${START} or ${NOW}`;

/** What others ask of the log, whichever door they come through. */
export class EventRequests {
  constructor(
    private readonly feed: EventFeed,
    private readonly deps: FilterDeps,
  ) {}

  /** @throws RequestRefused for what could not be told. */
  async start({ from, ...asked }: EventsAsked, within: ProjectScope): Promise<EventsStart> {
    if (asked.limit !== undefined) limitOf(asked.limit);
    const place = await this.placeOf(from);
    const filter = await parseFilter(this.deps, asked, within);
    return { from: place, filter };
  }

  /** @throws RequestRefused for what could not be told. */
  async page({ limit, ...asked }: EventsAsked, within: ProjectScope): Promise<EventsPage> {
    const most = limitOf(limit);
    const { from, filter } = await this.start(asked, within);
    const { items, next, isEnd } = await this.gather(from, filter, most);
    return { items: items.map(({ json }) => JSON.parse(json) as CloudEvent), next: positionText(next), isEnd };
  }

  private async gather(from: Position, filter: EventFilter, most: number) {
    const items: PublishedEvent[] = [];
    let [next, isEnd, looked, chars] = [from, false, 0, 0];
    while (!isEnd && items.length < most && looked < MOST_LOOKED && chars < MOST_PAGE_CHARS) {
      const size = Math.min(READ_AT_ONCE, most - items.length);
      await this.feed.read(next, filter, size, (page) => {
        for (const event of page.events) {
          items.push(event);
          chars += event.json.length;
          next = event.position;
          // The rest of them is read again for the next page.
          if (chars >= MOST_PAGE_CHARS && event !== page.events.at(-1)) return;
        }
        ({ next, isEnd } = page);
        looked += page.looked;
      });
    }
    return { items, next, isEnd };
  }

  private async placeOf(text = START): Promise<Position> {
    if (text === NOW) return this.feed.end();
    const position = writtenPosition(text);
    if (!position)
      throw new RequestRefused(
        'malformed',
        'invalid-position',
        `from: expected ${A_PLACE}, saw ${quoted(text)}; correct it`,
      );
    if (await this.feed.holds(position)) return position;
    const how = 'it is of another log, or of a later copy of this one: begin anew';
    throw new RequestRefused(
      'gone',
      'position-gone',
      `from: expected a position of this log, saw ${quoted(text)}; ${how}`,
    );
  }
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return EVENTS_PER_PAGE;
  const count = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MOST_EVENTS_PER_PAGE) return count;
  throw unfit('invalid-limit', 'limit', `a whole number from 1 to ${MOST_EVENTS_PER_PAGE}`, text);
}
