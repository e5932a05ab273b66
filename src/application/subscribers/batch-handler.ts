import type { StoredEvent } from '../ports/event-store';

/** Some events that a subscriber is about: those that were set aside and are due, and the next ones in their order. */
export interface Batch {
  readonly events: readonly StoredEvent[];
  /** How often it has failed already, in whatever process. */
  readonly tries: number;
  /** Aborts when its time is over (`HANDLE_MS`), or the process ends: what is not done by then is tried again. */
  readonly signal: AbortSignal;
  /**
   * Everything up to this event is done, and is not handed over again if the batch fails further on.
   *
   * @throws to a handler that has been given up: what comes behind the event is others' by then.
   * @param word what was delivered or made, kept in the log; left out where there is nothing to say.
   */
  readonly done: (event: StoredEvent, word?: string) => void;
  /** Done, and what came back. @param name what it goes by, such as the key of an alert. */
  readonly delivered: (event: StoredEvent, name: string, answer: string) => void;
  /**
   * Tried in vain: it is set aside, comes again by itself, and is given up when that has gone on for too long. What is behind it in
   * the batch is for the next one.
   */
  readonly later: (event: StoredEvent, name: string, answer: string) => void;
  /** Will never do: it is not tried again before a person asks for it. */
  readonly refused: (event: StoredEvent, name: string, answer: string) => void;
  /** What is not done is for the next batch. */
  readonly rest: () => void;
  /** Whether there is time to begin with another event. */
  readonly hasTime: () => boolean;
}

/** What a subscriber is about, and what it does about it. */
export abstract class BatchHandler {
  /** Names the stream with its checkpoint: never given to another one. */
  abstract readonly name: string;
  /** Of the streams that it is about. */
  abstract readonly prefix: string;
  /** Asked of every event of these streams: cheap, and always answers the same. */
  abstract wants(event: Pick<StoredEvent, 'stream' | 'type' | 'data'>): boolean;
  /**
   * At least once for every event that it wants, one batch at a time in all processes together. May meet an event again: does
   * the same then, under the same names.
   *
   * @throws whatever is in the way: the batch is handed over again later, and nothing behind it before.
   */
  abstract handle(batch: Batch): Promise<void>;
}
