import type { LogEvent } from '../log-event';

/** A lane: who holds it, what it was last given up for, and how often that happened. */
export interface LaneRow {
  readonly project: string;
  readonly holder: string | null;
  readonly headOid: string | null;
  readonly epoch: string | null;
  readonly since: string | null;
  readonly grants: number;
  readonly released: number;
  readonly reaped: number;
  readonly lastHolder: string | null;
  readonly lastReason: string | null;
  readonly lastEndedAt: string | null;
}

export function keysOf(seen: LogEvent): readonly string[] {
  return seen.of === 'lane' ? [seen.project] : [];
}

export function fold(row: LaneRow | null, seen: LogEvent): LaneRow | null {
  if (seen.of !== 'lane') return row;
  const { type, data, envelope } = seen.event;
  const lane = row ?? freeLane(seen.project);
  switch (type) {
    case 'LaneGranted':
      return {
        ...lane,
        holder: data.taskId,
        headOid: data.headOid,
        epoch: String(envelope.revision),
        since: envelope.occurredAt,
        grants: lane.grants + 1,
      };
    case 'LaneReleased':
    case 'LaneReaped': {
      if (lane.epoch !== data.epoch) return row;
      const ended = { lastHolder: data.taskId, lastReason: data.reason, lastEndedAt: envelope.occurredAt };
      const counted = type === 'LaneReaped' ? { reaped: lane.reaped + 1 } : { released: lane.released + 1 };
      return { ...lane, ...FREE, ...ended, ...counted };
    }
    default:
      return row;
  }
}

const FREE = { holder: null, headOid: null, epoch: null, since: null } as const;

function freeLane(project: string): LaneRow {
  return { project, ...FREE, grants: 0, released: 0, reaped: 0, lastHolder: null, lastReason: null, lastEndedAt: null };
}
