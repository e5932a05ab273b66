import type { ProjectPolicy } from '../../domain/policy/project-policy';
import type { LogEvent } from '../log-event';

/** The policy in force: the one that was recorded last. */
export interface QueuePolicy {
  readonly policy: ProjectPolicy;
  readonly digest: string;
}

export function keysOf(seen: LogEvent): readonly string[] {
  return seen.of === 'policy' ? [seen.project] : [];
}

export function fold(row: QueuePolicy | null, seen: LogEvent): QueuePolicy | null {
  if (seen.of !== 'policy') return row;
  const { type, data } = seen.event as { type: string; data: QueuePolicy };
  return type === 'PolicyRecorded' ? { policy: data.policy, digest: data.digest } : row;
}
