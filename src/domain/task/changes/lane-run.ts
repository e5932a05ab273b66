import type { LaneOutcome } from '../../lane/lane.events';
import type { FailureClass } from '../../merge/failure-class';
import { needsLane } from '../job';
import type { TaskEvent } from '../task.events';
import type { LaneRun, SubmittedTask } from '../task.state';

/** Failures of the machine. A lock has a live owner, and of what no rule knows nobody can say what it was. */
const OF_INFRASTRUCTURE: readonly FailureClass[] = ['timeout', 'tool-error', 'dependency-down'];

/** @param task before the event: the claim that it ends is still open there. */
export function laneRunAfter(task: SubmittedTask, event: TaskEvent): LaneRun | null {
  const epoch = task.claim && needsLane(task.claim.job) ? task.claim.laneEpoch : null;
  const outcome = epoch === null ? undefined : outcomeOf(event);
  return epoch === null || outcome === undefined ? task.laneRun : outcome && { epoch, outcome };
}

/** @returns undefined for what is no end of a run; null for an end that says nothing. */
function outcomeOf({ type, data }: TaskEvent): LaneOutcome | null | undefined {
  switch (type) {
    case 'ToolErrored':
      return OF_INFRASTRUCTURE.includes(data.failureClass) ? 'infra' : null;
    case 'TaskLanded':
    case 'NothingToLand':
      return 'landed';
    case 'BranchRebased':
      return data.outcome === 'conflict' ? 'judged' : undefined;
    case 'RetestFinished':
      return data.outcome === 'inconclusive' ? null : 'judged';
    case 'BranchRefused':
    case 'MarkersLost':
    case 'DeployFinished':
      return 'judged';
    case 'EvidenceRecorded':
      return data.claim === undefined ? undefined : 'judged';
    case 'LandingLost':
    case 'ClaimReleased':
    case 'TransitionReaped':
      return null;
    default:
      return undefined;
  }
}
