import { evolveLane, initialLane, type Lane } from '../../domain/lane/lane.decider';
import { LANE_EVENT_VERSIONS } from '../../domain/lane/lane.events';
import type { LogEvent } from '../log-event';

export function keysOf(seen: LogEvent): readonly string[] {
  return seen.of === 'lane' ? [seen.project] : [];
}

export function fold(row: Lane | null, seen: LogEvent): Lane | null {
  if (seen.of !== 'lane') return row;
  const lane = row ?? initialLane();
  if (seen.event.type in LANE_EVENT_VERSIONS) return evolveLane(lane, seen.event, seen.event.envelope.occurredAt);
  // A type of a later program moves the revision, which is what grants are numbered by.
  return { ...lane, revision: lane.revision === 'no-stream' ? 0n : lane.revision + 1n };
}
