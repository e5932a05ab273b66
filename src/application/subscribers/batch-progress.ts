import { instant, type Instant } from '../../domain/instant';
import {
  endedAs,
  isSpent,
  postponed,
  soonerAfterSuccess,
  spreadOf,
  triedInVain,
  type Tried,
} from '../../domain/subscriber/aside';
import { HANDLE_MS, isSamePlace, type Progress } from '../../domain/subscriber/standing';
import type { Ended, SetAside, SubscriberStanding } from '../../domain/subscriber/subscriber.events';
import type { Clock } from '../ports/clock';
import type { StoredEvent } from '../ports/event-store';
import type { Batch } from './batch-handler';
import { placeOf } from './subscriber-repository';

/** What is left then is enough for the slowest answer that anybody waits for. */
const BEGIN_MS = HANDLE_MS / 3;

type Reports = Omit<Batch, 'events' | 'tries' | 'signal'>;

/** What a handler says of its batch, as it gets on. */
export class BatchProgress implements Reports {
  /** Failed for the first time, and given up: for the log of the service. */
  readonly failures: SetAside[] = [];
  readonly deaths: Ended[] = [];
  private last: StoredEvent | null = null;
  private aside: readonly SetAside[];
  private readonly words: string[] = [];
  private readonly ended: Ended[] = [];
  private hasRest = false;
  private isOver = false;
  private readonly startedAt: number;

  constructor(
    private readonly of: { readonly name: string; readonly worker: string; readonly clock: Clock },
    private readonly before: SubscriberStanding,
  ) {
    this.aside = before.aside ?? [];
    this.startedAt = of.clock.monotonic();
  }

  /** Whether a try in vain was the end of it: then another process may do better. */
  get hasFailed(): boolean {
    return this.failed !== null;
  }
  private failed: SetAside | null = null;

  readonly done = (event: StoredEvent, word?: string): void => {
    const known = this.take(event);
    if (known) this.giveUp(known, triedOf(event, known.name, 'nobody wants it any more'));
    if (word !== undefined) this.words.push(word);
  };

  readonly delivered = (event: StoredEvent, name: string, answer: string): void => {
    const known = this.take(event);
    this.words.push(name);
    this.ended.push(endedAs('delivered', known, triedOf(event, name, answer), this.now()));
    this.aside = soonerAfterSuccess(this.aside, this.now());
  };

  readonly refused = (event: StoredEvent, name: string, answer: string): void => {
    this.giveUp(this.take(event), triedOf(event, name, answer));
  };

  readonly later = (event: StoredEvent, name: string, answer: string): void => {
    const known = this.take(event);
    const tried = triedOf(event, name, answer);
    const seed = `${this.of.worker} ${this.of.name} ${name} ${known?.tries ?? 0}`;
    this.failed = triedInVain(known, tried, this.now(), spreadOf(seed));
    if (isSpent(this.failed, this.now())) this.giveUp(known, tried);
    else this.aside = [...this.aside, this.failed];
    if (known === null) this.failures.push(this.failed);
    this.rest();
  };

  readonly rest = (): void => {
    this.hasRest = true;
  };

  readonly hasTime = (): boolean => this.of.clock.monotonic() - this.startedAt < BEGIN_MS;

  /** The handler is through, or was cut off: nothing counts from now on. @param events what it was given. */
  end(events: readonly StoredEvent[], error: string | null): void {
    if (error === null && !this.hasRest) for (const event of events) this.take(event);
    this.isOver = true;
  }

  /** The last event that is done with, of those that were not aside. */
  get upTo(): StoredEvent | null {
    return this.last;
  }

  progress(): Progress {
    const { words: done, ended, failed, before, upTo } = this;
    const aside = failed ? postponed(this.aside, failed) : this.aside;
    return { after: upTo ? placeOf(upTo) : before.after, done, aside, ended };
  }

  /** The log does not hold it any more. */
  drop({ event }: SetAside): void {
    this.aside = this.aside.filter((each) => !isSamePlace(each.event, event));
  }

  private giveUp(known: SetAside | null, tried: Tried): void {
    const dead = endedAs('dead', known, tried, this.now());
    this.ended.push(dead);
    this.deaths.push(dead);
  }

  /** @returns what is known of it where it was aside; it is so no longer. */
  private take(event: StoredEvent): SetAside | null {
    // Others may be at what comes next already.
    if (this.isOver) throw new Error(`${this.of.name}: expected to be done in time, was given up before`);
    const isIt = ({ event: place }: SetAside) => isSamePlace(place, placeOf(event));
    const known = this.aside.find(isIt) ?? null;
    if (known === null && !this.wasAside(event)) this.last = event;
    this.aside = this.aside.filter((each) => !isIt(each));
    return known;
  }

  private wasAside(event: StoredEvent): boolean {
    return (this.before.aside ?? []).some(({ event: place }) => isSamePlace(place, placeOf(event)));
  }

  private now(): Instant {
    return instant(this.of.clock.now());
  }
}

function triedOf(event: StoredEvent, name: string, answer: string): Tried {
  return { event: placeOf(event), name, answer };
}
