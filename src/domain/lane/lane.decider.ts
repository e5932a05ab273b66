import { damageText, type Damage, type Unreadable } from '../damage';
import { unreachable } from '../fact';
import type { Oid, TaskId } from '../ids';
import { epochMs, type Instant } from '../instant';
import { accept, nothing, reject, type Decision } from '../task/decide/decision';
import type { LaneEpoch } from '../task/task.events';
import type { LaneEvent } from './lane.events';

/** A grant that no claim follows within this time is taken back: its holder died between the two streams. */
export const GRANT_WITHOUT_CLAIM_MS = 30_000;

/** A project's lane: one task at a time goes rebase, re-test, land. The task holds it, not a worker. */
export interface Lane {
  readonly revision: bigint | 'no-stream';
  readonly grant: LaneGrant | null;
  /** The first event of its stream that cannot be relied on: nobody gets the lane any more. */
  readonly damage: Damage | null;
}

export interface LaneGrant {
  readonly taskId: TaskId;
  readonly headOid: Oid;
  /** Revision of the grant: the number that fences the landing in git. */
  readonly epoch: LaneEpoch;
  readonly at: Instant;
}

export type LaneCommand =
  | { readonly type: 'GrantLane'; readonly data: { readonly taskId: TaskId; readonly headOid: Oid } }
  | { readonly type: 'ReleaseLane'; readonly data: { readonly epoch: LaneEpoch; readonly reason: string } }
  | { readonly type: 'ReapLane'; readonly data: { readonly epoch: LaneEpoch; readonly reason: string } };
export type LaneRejection = 'lane-busy' | 'stale-epoch' | 'store-corrupt';

export function initialLane(): Lane {
  return { revision: 'no-stream', grant: null, damage: null };
}

export function evolveLane(lane: Lane, event: LaneEvent | Unreadable, at: Instant): Lane {
  const revision = lane.revision === 'no-stream' ? 0n : lane.revision + 1n;
  if (lane.damage) return { ...lane, revision };
  switch (event.type) {
    case 'Unreadable':
      return { revision, grant: null, damage: event.data };
    case 'LaneGranted':
      return {
        ...lane,
        revision,
        grant: { taskId: event.data.taskId, headOid: event.data.headOid, epoch: String(revision), at },
      };
    case 'LaneReleased':
    case 'LaneReaped':
      return { ...lane, revision, grant: lane.grant?.epoch === event.data.epoch ? null : lane.grant };
    default:
      // A log may hold types that an older program does not know; `satisfies` still breaks the build for a forgotten one.
      event satisfies never;
      return { ...lane, revision };
  }
}

export function decideLane(lane: Lane, command: LaneCommand): Decision<LaneEvent, LaneRejection> {
  const { grant, damage } = lane;
  if (damage) return reject('store-corrupt', damageText(damage));
  switch (command.type) {
    case 'GrantLane':
      if (grant?.taskId === command.data.taskId) return nothing();
      if (grant) return reject('lane-busy', `held by ${grant.taskId} since ${grant.at}`);
      return accept([{ type: 'LaneGranted', data: command.data }]);
    case 'ReleaseLane':
    case 'ReapLane': {
      const { epoch, reason } = command.data;
      if (grant?.epoch !== epoch) return reject('stale-epoch', `grant ${epoch} is not the current one`);
      const type = command.type === 'ReleaseLane' ? 'LaneReleased' : 'LaneReaped';
      return accept([{ type, data: { epoch, taskId: grant.taskId, reason } }]);
    }
    default:
      return unreachable(command);
  }
}

/**
 * True when a grant was made and nothing came of it in time.
 *
 * @param watchedMs for how long it has been seen so, by a clock that nobody sets.
 */
export function isGrantOverdue(grant: LaneGrant, now: Instant, watchedMs = 0): boolean {
  return Math.max(watchedMs, epochMs(now) - epochMs(grant.at)) > GRANT_WITHOUT_CLAIM_MS;
}
