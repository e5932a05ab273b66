import type { EventStore, StoreInfo } from '../../../src/application/ports/event-store';

/** What another process opens to get at the same log. */
export type StoreTarget =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'eventstoredb'; readonly url: string };

/** One log of its own, empty at first. */
export interface LogUnderTest {
  /** A new connection; a log that lives in one process gives its only one each time. */
  open(): Promise<EventStore>;
  /** Null when the log ends with its process. */
  readonly target: StoreTarget | null;
  /** Everything opened is closed before. */
  remove(): Promise<void>;
}

/** One adapter, as far as the contract depends on it. */
export interface EventStoreAdapter {
  readonly name: string;
  readonly info: StoreInfo;
  /** Positions are 1, 2, 3 without a gap: what is known to be at `n` has everything below `n`. */
  readonly hasDensePositions: boolean;
  /** What of the contract cannot be had from it, and what is so instead. */
  readonly differences?: Differences;
  create(): Promise<LogUnderTest>;
}

/** The names of the tests tell them. */
export interface Differences {
  /** A re-send is answered like the first one: nobody is told that it was known. */
  readonly tellsNoDuplicates?: true;
  /** An id that is in use is stored again where the revision is free: nobody looks for it. */
  readonly storesIdsAgain?: true;
  /** Events left out by the prefixes after which the place moves over them; elsewhere it does at once. */
  readonly placeMovesEvery?: number;
}

/** The log of the test that is running. */
export class Subject {
  private log: LogUnderTest | null = null;
  private opened: EventStore[] = [];
  private main: EventStore | null = null;

  constructor(readonly adapter: EventStoreAdapter) {}

  get differences(): Differences {
    return this.adapter.differences ?? {};
  }

  async begin(): Promise<void> {
    this.log = await this.adapter.create();
    this.main = await this.another();
  }

  async end(): Promise<void> {
    await Promise.all(this.opened.map((store) => store.close()));
    this.opened = [];
    await this.log?.remove();
    this.log = null;
    this.main = null;
  }

  get store(): EventStore {
    if (!this.main) throw new Error('no test is running');
    return this.main;
  }

  /** A second way into the same log. */
  async another(): Promise<EventStore> {
    if (!this.log) throw new Error('no test is running');
    const store = await this.log.open();
    this.opened.push(store);
    return store;
  }

  get target(): StoreTarget {
    if (!this.log?.target) throw new Error(`${this.adapter.name} has no log that other processes can open`);
    return this.log.target;
  }
}
