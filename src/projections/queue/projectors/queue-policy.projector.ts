import type { Damage } from '../../../domain/damage';
import type { ProjectPolicy } from '../../../domain/policy/project-policy';
import type { LogEvent } from '../../events/log-event';

/** The policy in force: the one that was recorded last. */
export interface QueuePolicy {
  /** Null when none was recorded before the stream was damaged. */
  readonly policy: ProjectPolicy | null;
  readonly digest: string | null;
  /** The first event of the stream that cannot be relied on: which policy is in force is not known. */
  readonly damage: Damage | null;
}

export function keysOf(seen: LogEvent): readonly string[] {
  return seen.of === 'policy' ? [seen.project] : [];
}

export function fold(row: QueuePolicy | null, seen: LogEvent): QueuePolicy | null {
  if (seen.of !== 'policy') return row;
  if (row?.damage) return row;
  const { type, data } = seen.event;
  if (type === 'Unreadable') return { policy: row?.policy ?? null, digest: row?.digest ?? null, damage: data };
  return { policy: data.policy, digest: data.digest, damage: null };
}
