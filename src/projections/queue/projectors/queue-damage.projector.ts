import type { LogEvent } from '../../events/log-event';

/** A stream that cannot be relied on from some event on. */
export interface QueueDamage {
  readonly stream: string;
  readonly project: string;
  readonly revision: string;
  readonly type: string;
  readonly reason: string;
  readonly at: string;
}

export function keysOf({ event }: LogEvent): readonly string[] {
  return event.type === 'Unreadable' ? [event.data.stream] : [];
}

/** The first one of a stream counts: what follows it says no more. */
export function fold(row: QueueDamage | null, { project, event }: LogEvent): QueueDamage | null {
  if (row || event.type !== 'Unreadable') return row;
  const { stream, revision, type, reason } = event.data;
  return { stream, project, revision, type, reason, at: event.envelope.occurredAt };
}
