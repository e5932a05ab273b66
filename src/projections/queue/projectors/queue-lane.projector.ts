import { evolveLane, initialLane, type Lane } from '../../../domain/lane/lane.decider';
import type { LogEvent } from '../../events/log-event';

export function keysOf(seen: LogEvent): readonly string[] {
  return seen.of === 'lane' ? [seen.project] : [];
}

export function fold(row: Lane | null, seen: LogEvent): Lane | null {
  if (seen.of !== 'lane') return row;
  return evolveLane(row ?? initialLane(), seen.event, seen.event.envelope.occurredAt);
}
