import { damageText, type Damage, type Unreadable } from '../damage';
import { unreachable } from '../fact';
import type { Oid, TaskId } from '../ids';
import { SERVICE } from '../authority/principal';
import { epochMs, plusMs, type Instant } from '../instant';
import type { BreakerPolicy } from '../policy/project-policy';
import { accept, nothing, reject, type Decision } from '../task/decide/decision';
import type { LaneEpoch } from '../task/task.events';
import { ENDS_KEPT, isOfMachine, opened, type LaneEnd } from './breaker';
import type { LaneEvent, LaneEventData, LaneOutcome } from './lane.events';
import { afterAnswer, afterFailedProbe, afterProbe, isNewAnswer, isProbeDue, pausedBy, type LanePause } from './pause';

/** A grant that no claim follows within this time is taken back: its holder died between the two streams. */
export const GRANT_WITHOUT_CLAIM_MS = 30_000;

/** A project's lane: one task at a time goes rebase, re-test, land. The task holds it, not a worker. */
export interface Lane {
  readonly revision: bigint | 'no-stream';
  readonly grant: LaneGrant | null;
  /** Stays that came to something, since it was last resumed: the newest last. */
  readonly ends: readonly LaneEnd[];
  /** A breaker is open; null: none is. */
  readonly pause: LanePause | null;
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

/** `outcome`: what the last run under the grant came to; null: to nothing that says anything. */
interface EndOfGrant {
  readonly epoch: LaneEpoch;
  readonly reason: string;
  readonly outcome: LaneOutcome | null;
}

export type LaneCommand =
  /** `recovers`: it asks git about an interrupted landing, and nothing more. */
  | {
      readonly type: 'GrantLane';
      readonly data: { readonly taskId: TaskId; readonly headOid: Oid; readonly recovers?: boolean };
    }
  | { readonly type: 'ReleaseLane'; readonly data: EndOfGrant }
  | { readonly type: 'ReapLane'; readonly data: EndOfGrant }
  | { readonly type: 'AnswerLaneAlert'; readonly data: LaneEventData['LaneAlertAnswered'] }
  | { readonly type: 'ResumeLane'; readonly data: LaneEventData['LaneResumed'] };
export type LaneRejection = 'lane-busy' | 'lane-paused' | 'stale-epoch' | 'store-corrupt';

/** What a lane is decided by beside its own events. */
export interface LaneContext {
  readonly at: Instant;
  /** Null while breakers are switched off. */
  readonly breaker: BreakerPolicy | null;
}

export function initialLane(): Lane {
  return { revision: 'no-stream', grant: null, ends: [], pause: null, damage: null };
}

export function evolveLane(lane: Lane, event: LaneEvent | Unreadable, at: Instant): Lane {
  const revision = lane.revision === 'no-stream' ? 0n : lane.revision + 1n;
  if (lane.damage) return { ...lane, revision };
  switch (event.type) {
    case 'Unreadable':
      return { ...lane, revision, grant: null, damage: event.data };
    case 'LaneGranted':
      return {
        ...lane,
        revision,
        grant: { taskId: event.data.taskId, headOid: event.data.headOid, epoch: String(revision), at },
        pause: lane.pause && event.data.probe ? { ...lane.pause, probe: String(revision) } : lane.pause,
      };
    case 'LaneReleased':
    case 'LaneReaped':
      return { ...lane, revision, ...ended(lane, event.data, at) };
    case 'LanePaused':
      return { ...lane, revision, pause: pausedBy(event.data, at, String(revision)) };
    case 'LaneAlertAnswered':
      return { ...lane, revision, pause: lane.pause && afterAnswer(lane.pause, event.data) };
    case 'LaneProbeFailed':
      return { ...lane, revision, pause: lane.pause && afterFailedProbe(lane.pause, event.data, at) };
    case 'LaneResumed':
      return { ...lane, revision, ends: [], pause: null };
    default:
      // A log may hold types that an older program does not know; `satisfies` still breaks the build for a forgotten one.
      event satisfies never;
      return { ...lane, revision };
  }
}

function ended({ grant, pause, ends }: Lane, data: LaneEventData['LaneReleased'], at: Instant) {
  if (!grant || grant.epoch !== data.epoch) return {};
  const { taskId, outcome } = data;
  const heldMs = Math.max(0, epochMs(at) - epochMs(grant.at));
  return {
    grant: null,
    pause: pause && { ...pause, probe: null },
    ends: outcome ? [...ends, { at, taskId, outcome, heldMs }].slice(-ENDS_KEPT) : ends,
  };
}

export function decideLane(lane: Lane, command: LaneCommand, context: LaneContext): Decision<LaneEvent, LaneRejection> {
  const { grant, pause, damage } = lane;
  if (damage) return reject('store-corrupt', damageText(damage));
  switch (command.type) {
    case 'GrantLane':
      if (grant?.taskId === command.data.taskId) return nothing();
      if (grant) return reject('lane-busy', `held by ${grant.taskId} since ${grant.at}`);
      return grantOf(command.data, pause, context);
    case 'ReleaseLane':
    case 'ReapLane': {
      const { epoch, reason, outcome } = command.data;
      if (grant?.epoch !== epoch) return reject('stale-epoch', `grant ${epoch} is not the current one`);
      const type = command.type === 'ReleaseLane' ? 'LaneReleased' : 'LaneReaped';
      const event: LaneEvent = {
        type,
        data: { epoch, taskId: grant.taskId, reason, ...(outcome && { outcome }) },
      };
      return accept([event, ...afterwards(lane, grant, event, outcome, context)]);
    }
    case 'AnswerLaneAlert':
      return pause && isNewAnswer(pause, command.data)
        ? accept([{ type: 'LaneAlertAnswered', data: command.data }])
        : nothing();
    case 'ResumeLane':
      return pause ? accept([{ type: 'LaneResumed', data: command.data }]) : nothing();
    default:
      return unreachable(command);
  }
}

function grantOf(
  { taskId, headOid, recovers }: Extract<LaneCommand, { type: 'GrantLane' }>['data'],
  pause: LanePause | null,
  { at }: LaneContext,
): Decision<LaneEvent, LaneRejection> {
  const data = { taskId, headOid };
  // Whether main has moved has to be known, paused or not; nothing goes on from there.
  if (!pause || recovers) return accept([{ type: 'LaneGranted', data }]);
  if (!isProbeDue(pause, at)) return reject('lane-paused', `paused since ${pause.since}`);
  return accept([{ type: 'LaneGranted', data: { ...data, probe: true } }]);
}

/** The end of a stay and what it means for the lane are one append: whoever stores it is the only one to pause it. */
function afterwards(
  lane: Lane,
  { taskId, epoch }: LaneGrant,
  event: LaneEvent,
  outcome: LaneOutcome | null,
  { at, breaker }: LaneContext,
): readonly LaneEvent[] {
  const { pause } = lane;
  if (!breaker) return [];
  const isFailed = isOfMachine(outcome);
  const probed = isFailed ? 'infra' : outcome;
  if (pause) return pause.probe === epoch ? afterProbe(pause, taskId, probed, { at, by: SERVICE.name, breaker }) : [];
  const figures = isFailed ? opened(evolveLane(lane, event, at).ends, breaker, at) : null;
  if (!figures) return [];
  const { cooldownMs } = breaker;
  return [{ type: 'LanePaused', data: { ...figures, taskId, cooldownMs, probeAt: plusMs(at, cooldownMs) } }];
}

/**
 * True when a grant was made and nothing came of it in time.
 *
 * @param watchedMs for how long it has been seen so, by a clock that nobody sets.
 */
export function isGrantOverdue(grant: LaneGrant, now: Instant, watchedMs = 0): boolean {
  return Math.max(watchedMs, epochMs(now) - epochMs(grant.at)) > GRANT_WITHOUT_CLAIM_MS;
}
