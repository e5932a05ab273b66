import type { LaneOutcome } from '../../lane/lane.events';
import type { FailureClass } from '../../merge/failure-class';
import { needsLane } from '../job';
import type { JobKind } from '../job-row';
import type { LaneEpoch, TaskEvent } from '../task.events';
import type { LaneRun, SubmittedTask } from '../task.state';

/** Failures of the machine. A lock has a live owner, and of what no rule knows nobody can say what it was. */
const OF_INFRASTRUCTURE: readonly FailureClass[] = ['timeout', 'tool-error', 'dependency-down'];

/** @param task before the event: the claim that it ends is still open there. */
export function laneRunAfter(task: SubmittedTask, event: TaskEvent): LaneRun | null {
  const epoch = task.claim && needsLane(task.claim.job) ? task.claim.laneEpoch : null;
  const outcome = epoch === null ? undefined : outcomeOf(event, task.claim?.job.kind);
  if (epoch === null || outcome === undefined) return task.laneRun;
  const told = hasLandedUnder(task, epoch) ? besideLanding(outcome) : outcome;
  return told && { epoch, outcome: told };
}

/** A stay goes on behind its landing, with the deploy. That main has moved is not undone by how that ends. */
function hasLandedUnder({ laneRun }: SubmittedTask, epoch: LaneEpoch): boolean {
  return laneRun?.epoch === epoch && (laneRun.outcome === 'landed' || laneRun.outcome === 'undeployed');
}

function besideLanding(outcome: LaneOutcome | null): LaneOutcome {
  return outcome === 'infra' ? 'undeployed' : 'landed';
}

/** @returns undefined for what is no end of a run; null for an end that says nothing. */
function outcomeOf({ type, data }: TaskEvent, job: JobKind | undefined): LaneOutcome | null | undefined {
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
      return 'judged';
    case 'DeployFinished':
      // Its end was not seen: neither did it get through, nor is the machine known to have failed it.
      return data.status === 'INTERRUPTED' ? null : 'judged';
    case 'EvidenceRecorded':
      if (data.claim === undefined) return undefined;
      // Another task has landed on top of it: nothing was run, so nothing is known of the machine.
      return job === 'deploy' ? null : 'judged';
    case 'LandingLost':
    case 'ClaimReleased':
    case 'TransitionReaped':
      return null;
    default:
      return undefined;
  }
}
