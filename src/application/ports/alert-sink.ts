import type { Instant } from '../../domain/instant';

export interface AlertMessage {
  readonly key: string;
  readonly severity: 'warning' | 'critical';
  readonly title: string;
  readonly detail: string;
  readonly task: string;
  readonly project: string;
  /** When it was raised. */
  readonly at: Instant;
}

/** What was sent was refused in a way that the same again will not change: it is a dead letter. */
export class RefusedForGood extends Error {}

/** Where alerts go. A receiver that drops repeated keys sees each incident once. */
export abstract class AlertSink {
  /** Names the checkpoint of what it has been sent: a sink that is configured anew under its old name goes on there. */
  abstract readonly name: string;
  /**
   * Resolves when the alert is with whoever passes it on: it is not sent again then.
   *
   * @returns what came back, in a few words.
   * @param signal aborts when it takes too long.
   * @throws RefusedForGood where the same again would come to the same; whatever else is in the way: it comes again later, under
   *   the same key, and the next ones do not wait for it.
   */
  abstract send(alert: AlertMessage, signal: AbortSignal): Promise<string>;
  /** Whether it is meant for this sink. */
  readonly takes: (alert: AlertMessage) => boolean = () => true;
}
