import type { TaskId } from '../../domain/ids';

/** An append that somebody has to do something about: say an alert, render an artifact. */
export interface Owed {
  readonly task: TaskId;
  /** Revision of its first event. */
  readonly from: bigint;
  /** Of all its events: whether they were stored, and are the ones that were meant, the stream says by these. */
  readonly ids: readonly string[];
}

/** What processes still have to do about what they append, kept where the next one finds it. */
export abstract class OwedReactions {
  /** Durable when it resolves. */
  abstract note(owed: Owed): Promise<void>;
  /** It is done, or was not stored. */
  abstract strike(owed: Owed): Promise<void>;
  /** Of processes that are gone. */
  abstract left(): Promise<readonly Owed[]>;
}
