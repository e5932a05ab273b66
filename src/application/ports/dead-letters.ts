import type { EventPlace } from '../../domain/subscriber/subscriber.events';

/** An alert that a sink does not get by itself any more. */
export interface DeadLetter {
  readonly sink: string;
  readonly alert: string;
  readonly project: string;
  /** Who delivers it. */
  readonly subscriber: string;
  /** What raised it. */
  readonly event: EventPlace;
}

/** Which ones are meant; null for all. */
export interface DeadLettersAsked {
  readonly sink: string | null;
  readonly alert: string | null;
}

/** Dead letters as of now. */
export abstract class DeadLetters {
  /** @returns the first of them, at most `limit`, those that were tried first in front. */
  abstract find(asked: DeadLettersAsked, limit: number): Promise<readonly DeadLetter[]>;
}
