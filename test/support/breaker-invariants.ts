import type { StoredEvent } from '../../src/application/ports/event-store';
import type { LaneEvent, LaneOutcome } from '../../src/domain/lane/lane.events';
import type { TaskEvent } from '../../src/domain/task/task.events';
import { recorded } from './recorded';
import type { Violation } from './violation';

/** The one job of the lane that is done in a paused one. */
const RECOVERY = 'landing-recovery';
const OF_THE_MACHINE = ['timeout', 'tool-error', 'dependency-down'];
const HAVE_LANDED: readonly TaskEvent['type'][] = ['TaskLanded', 'NothingToLand'];
const TASKS_NEEDED = 3;
/** More than this before its time, a clock was set back: then nobody is to wait for hours. */
const CLOCK_MS = 60_000;

/** What has to have come of the runs of a stay that is said to have come to this. */
const CAME_TO: Readonly<Record<LaneOutcome, readonly string[]>> = {
  landed: ['said', 'landed'],
  judged: ['said'],
  infra: ['infra'],
  undeployed: ['landed', 'infra'],
};
const isFailure = (outcome: LaneOutcome | undefined) => outcome === 'infra' || outcome === 'undeployed';

interface Claimed {
  readonly epoch: string | null;
  readonly job: string;
}
interface Paused {
  probe: string | null;
  probeAt: number;
  restsSince: number;
}

/**
 * I44: a lane is paused for what runs in it came to and for nothing else, once; while it is, nobody gets it but a probe when its
 * time has come, and whoever asks git about an interrupted landing; a probe spends nothing; and a person, a probe that got
 * through, or its switch ends the pause. Folded from the log by rules of its own.
 *
 * @param log of one project, in its order.
 */
export function checkBreaker(log: readonly StoredEvent[]): Violation[] {
  const violations: Violation[] = [];
  const claims = new Map<string, Claimed>();
  /** By epoch: what runs under the grant came to. Whoever lets go of it may not have heard of the last one yet. */
  const outcomes = new Map<string, Set<string>>();
  const failedTasks = new Set<string>();
  let paused: Paused | null = null;
  let lastEnd: { outcome: LaneOutcome | undefined; wasProbe: boolean } | null = null;
  let open: string | null = null;

  for (const stored of log) {
    const { stream, revision } = stored;
    const wrong = (detail: string) => violations.push({ invariant: 'I44', stream, revision, detail });
    if (stream.startsWith('lane-')) {
      const { type, data, envelope } = recorded<LaneEvent>(stored);
      const at = Date.parse(envelope.occurredAt);
      switch (type) {
        case 'LaneGranted': {
          open = String(revision);
          if (!paused && data.probe) wrong('a probe of a lane that is not paused');
          if (!paused) break;
          if (!data.probe) {
            break;
          }
          const isDue = at >= paused.probeAt || paused.probeAt - at > paused.probeAt - paused.restsSince + CLOCK_MS;
          if (!isDue) wrong(`a probe ${paused.probeAt - at} ms before its time`);
          paused.probe = String(revision);
          break;
        }
        case 'LaneReleased':
        case 'LaneReaped': {
          lastEnd = { outcome: data.outcome, wasProbe: paused !== null && data.epoch === paused.probe };
          open = null;
          if (paused) paused.probe = null;
          const known = outcomes.get(data.epoch) ?? new Set();
          if (data.outcome && !CAME_TO[data.outcome].every((each) => known.has(each)))
            wrong(`says ${data.outcome}, and its runs came to ${[...known].join()}`);
          if (isFailure(data.outcome)) failedTasks.add(data.taskId);
          break;
        }
        case 'LaneAlertAnswered':
          // People say that they have seen it; what the lane does is not moved by that.
          break;
        case 'LanePaused':
          if (paused) wrong('paused while it is paused');
          if (!isFailure(lastEnd?.outcome)) wrong('paused, and no failure of the machine is before it');
          if (failedTasks.size < TASKS_NEEDED) wrong(`paused for the failures of ${failedTasks.size} tasks`);
          paused = { probe: null, probeAt: Date.parse(data.probeAt), restsSince: at };
          break;
        case 'LaneProbeFailed':
          if (!paused || !lastEnd?.wasProbe || !isFailure(lastEnd.outcome)) wrong('no probe has failed');
          if (paused) Object.assign(paused, { probe: null, probeAt: Date.parse(data.probeAt), restsSince: at });
          break;
        case 'LaneResumed': {
          const { wasProbe = false, outcome } = lastEnd ?? {};
          const gotThrough = wasProbe && outcome !== undefined && !isFailure(outcome);
          if (!paused) wrong('resumed while it is not paused');
          if (data.how === 'probe' && !gotThrough) wrong('no probe got through');
          if (data.how === 'person' && data.by === 'stagegate') wrong('no person has resumed it');
          paused = null;
          failedTasks.clear();
          break;
        }
      }
      continue;
    }
    if (!stream.startsWith('task-')) continue;
    const { type, data } = recorded<TaskEvent>(stored);
    const claim = claims.get(stream);
    const epoch = claim?.epoch ?? null;
    if (type === 'TransitionClaimed') {
      const job = data.job.kind;
      claims.set(stream, { epoch: data.laneEpoch, job });
      // Of a grant that is over somebody may not have heard: he is shut out by git.
      const isOpenGrant = data.laneEpoch !== null && data.laneEpoch === open;
      if (paused !== null && isOpenGrant && job !== RECOVERY && data.laneEpoch !== paused.probe)
        wrong(`${job} is claimed in a paused lane, under grant ${data.laneEpoch}`);
    }
    const said = epoch === null ? undefined : saidBy(type, data, claim?.job);
    if (epoch !== null && said) outcomes.set(epoch, (outcomes.get(epoch) ?? new Set()).add(said));
    if (epoch !== null && HAVE_LANDED.includes(type)) outcomes.get(epoch)?.add('landed');
    const isProbe = epoch !== null && epoch === paused?.probe;
    if (isProbe && type === 'RunDeferred' && data.spends?.budget === 'infra') wrong('a probe has spent a retry');
    if (isProbe && type === 'StageRolledBack' && data.reason === 'infra-exhausted') wrong('a probe went back');
    if (type === 'RunDeferred' || type === 'InfraBudgetExhausted') claims.delete(stream);
  }
  return violations;
}

/** @returns undefined for what ends no run; null for an end that says nothing. */
function saidBy(
  type: TaskEvent['type'],
  data: TaskEvent['data'],
  job: string | undefined,
): 'infra' | 'said' | null | undefined {
  const seen = data as { failureClass?: string; status?: string; outcome?: string; claim?: string };
  switch (type) {
    case 'ToolErrored':
      return OF_THE_MACHINE.includes(seen.failureClass ?? '') ? 'infra' : null;
    case 'TaskLanded':
    case 'NothingToLand':
    case 'BranchRefused':
    case 'MarkersLost':
      return 'said';
    case 'DeployFinished':
      return seen.status === 'INTERRUPTED' ? null : 'said';
    case 'BranchRebased':
      return seen.outcome === 'conflict' ? 'said' : undefined;
    case 'RetestFinished':
      return seen.outcome === 'inconclusive' ? null : 'said';
    case 'EvidenceRecorded':
      if (seen.claim === undefined) return undefined;
      return job === 'deploy' ? null : 'said';
    case 'LandingLost':
    case 'ClaimReleased':
    case 'TransitionReaped':
      return null;
    default:
      return undefined;
  }
}
