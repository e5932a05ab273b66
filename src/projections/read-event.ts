import { recorded } from '../application/envelope';
import type { StoredEvent } from '../application/ports/event-store';
import { upcastTaskEvent } from '../domain/task/task.upcasters';
import { logEvent, type LogEvent, type RecordedTaskEvent } from './log-event';

/** Brings a stored event to what projectors see. @returns null for what no projection is about. */
export function readEvent(stored: StoredEvent): LogEvent | null {
  const seen = logEvent(recorded<RecordedTaskEvent>(stored));
  if (seen?.of !== 'task') return seen;
  const { envelope } = seen.event;
  return { ...seen, event: { ...upcastTaskEvent(seen.event, envelope.version), envelope } };
}
