import { evolveSwitches, NOTHING_SET, type SwitchSettings } from '../../../domain/policy/switches.decider';
import type { LogEvent } from '../../events/log-event';

export function keysOf(seen: LogEvent): readonly string[] {
  return seen.of === 'switches' ? [seen.project] : [];
}

export function fold(row: SwitchSettings | null, seen: LogEvent): SwitchSettings | null {
  if (seen.of !== 'switches') return row;
  return evolveSwitches(row ?? NOTHING_SET, seen.event, seen.event.envelope.occurredAt);
}
