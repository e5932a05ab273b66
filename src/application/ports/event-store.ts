import type { ExpectedRevision, Revision } from '../../domain/fact';
import type { JsonObject } from '../../domain/json';
import { InfrastructureError } from './infrastructure-error';

/** Place in the global order. Compare, never subtract. On SQL and in memory `prepare` equals `commit`. */
export interface Position {
  readonly commit: bigint;
  readonly prepare: bigint;
}

export interface NewEvent {
  /** Lower-case UUID, stable: a re-sent append uses the same ids. */
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly meta: JsonObject;
}

export interface StoredEvent extends NewEvent {
  readonly stream: string;
  readonly revision: Revision;
  readonly position: Position;
  readonly recordedAt: Date;
  /** Why what is stored is no event: `data` and `meta` are empty then. Only of what this program has not written. */
  readonly fault?: string;
}

export interface AppendResult {
  /** Revision of the last event of this append. */
  readonly revision: Revision;
  readonly position?: Position;
  /** Whether events of these ids were there already; left out by a store that cannot tell (EventStoreDB). */
  readonly duplicate?: boolean;
}

export interface AppendOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Events that are brought over from another log may be larger than those of this version. */
  readonly isImport?: boolean;
}

export interface ReadStreamOptions {
  /** Inclusive. Default: the start (forwards) or the end (backwards). */
  readonly from?: Revision | 'end';
  readonly direction?: 'forwards' | 'backwards';
  readonly limit: number;
}

export interface ReadAllPage {
  readonly events: StoredEvent[];
  /** Where the next page goes on; also advances over events that the prefixes leave out. */
  readonly next: Position;
  readonly end: boolean;
}

/** Events that a follower is given at once: few enough that they are parsed without anybody noticing. */
export const LARGEST_PAGE = 500;

export interface SubscribeOptions {
  /** Exclusive. */
  readonly after: Position | 'start';
  readonly prefixes: readonly string[];
  /**
   * Takes the events that come next, in order, at most `LARGEST_PAGE` of them; none where only others have come. Behind it
   * everything up to `next` is handled or filtered out, and that is where the next page begins. After a throw, or over a
   * reconnect, everything behind the last page that was taken comes again, after a pause.
   */
  readonly onPage: (events: readonly StoredEvent[], next: Position) => Promise<void> | void;
  readonly onCaughtUp?: () => void;
  readonly signal: AbortSignal;
}

export interface Subscription {
  /** Settles after `signal` aborted and the last callback returned. Never rejects. */
  readonly done: Promise<void>;
}

export interface StoreInfo {
  readonly kind: 'memory' | 'sqlite' | 'postgres' | 'eventstoredb';
  readonly durability: 'none' | 'process-crash' | 'power-loss' | 'server';
}

/**
 * The log. Everything is validated before any I/O, the same on every adapter (`validateAppend`).
 *
 * Rejections: `RevisionConflict` (somebody was faster), `EventRefused` (`InvalidEvent`, `EventTooLarge`, `EventIdReused`:
 * final, sending it again is in vain), `StoreBusy`, `StoreUnavailable`, `StoreCorrupt`, `StoreClosed`, and
 * `OutcomeUnknown`: the append may or may not be stored; re-send the identical one.
 */
export abstract class EventStore {
  abstract readonly info: StoreInfo;
  abstract append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    options?: AppendOptions,
  ): Promise<AppendResult>;
  /** Of a stream that does not exist: none. */
  abstract readStream(stream: string, options: ReadStreamOptions): Promise<StoredEvent[]>;
  abstract readAll(options: { after?: Position; prefixes: readonly string[]; limit: number }): Promise<ReadAllPage>;
  abstract subscribe(options: SubscribeOptions): Subscription;
  abstract close(): Promise<void>;

  /**
   * Whether an import may append these events at once: the limit is the store's, and a server may have a lower one than the
   * port. Stores nothing.
   *
   * @throws EventTooLarge with what has to be set; StoreUnavailable when that cannot be found out.
   */
  abstract mustTake(events: readonly NewEvent[]): Promise<void>;
}

/** Somebody was faster: the stream is not at the expected revision. Re-read and decide again. */
export class RevisionConflict extends Error {
  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    readonly actual: ExpectedRevision,
  ) {
    super(`${stream}: expected revision ${expected}, the stream is at ${actual}`);
    this.name = 'RevisionConflict';
  }
}

/** Final: no store will ever take this append, however often it is sent. Nothing of it is stored. */
export class EventRefused extends InfrastructureError {}
/** Not an event that every store gives back as it was: half a character, NUL, a number beyond 2^53, nested too deep. */
export class InvalidEvent extends EventRefused {}
export class EventTooLarge extends EventRefused {}
export class EventIdReused extends EventRefused {}
export class StoreBusy extends InfrastructureError {}
export class StoreUnavailable extends InfrastructureError {}
export class OutcomeUnknown extends InfrastructureError {}
export class StoreClosed extends InfrastructureError {}
export class StoreCorrupt extends InfrastructureError {}
