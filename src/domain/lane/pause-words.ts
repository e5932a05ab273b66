import { lanePausedTitle } from '../alerts/alert-kind';
import { isProjectKey } from '../ids';
import type { Instant } from '../instant';
import type { BreakerFigures, LaneEventData } from './lane.events';

/** Which breaker it was and on what figures, such as "5 of 6 runs, of 4 tasks, failed by infrastructure since …". */
export function figuresText({ cause, runs, failures, tasks, heldMs, from }: BreakerFigures): string {
  if (cause === 'infra-rate')
    return `${failures} of ${runs} runs, of ${tasks} tasks, failed by infrastructure since ${from}`;
  return `${failures} runs of ${tasks} tasks took ${minutes(heldMs)} of the lane and failed by infrastructure, and main did not move`;
}

/** For `why`, the queue and the alert. */
export function pauseText(
  project: string,
  pause: BreakerFigures & { readonly since: Instant; readonly probeAt: Instant },
  prober: string | null,
): string {
  const goesOn = prober ? `${prober} is trying whether it works again` : `one task tries again at ${pause.probeAt}`;
  return `the lane of ${project} is paused since ${pause.since}: ${figuresText(pause)}; ${goesOn}`;
}

/** What the alerts of paused lanes have in common. */
export const LANE_PAUSED = 'lane-paused';

/** @param revision of the event, in the lane's stream. */
export function laneAlertKey(project: string, revision: string): string {
  return `${LANE_PAUSED}:${project}:${revision}`;
}

/** @returns null for what is no key of a lane's alert. */
export function parseLaneAlert(key: string): { readonly project: string } | null {
  const [what, project = '', revision = '', ...more] = key.split(':');
  if (what !== LANE_PAUSED || more.length > 0 || !/^\d{1,18}$/.test(revision)) return null;
  return isProjectKey(project) ? { project } : null;
}

/** One incident: @param revision of the event, in the lane's stream. */
export function lanePausedAlert(project: string, data: LaneEventData['LanePaused'], revision: string) {
  return {
    key: laneAlertKey(project, revision),
    severity: 'critical',
    title: lanePausedTitle(project),
    detail: `${figuresText(data)}; no task is lost and no retry spent, one task tries again at ${data.probeAt}; once the cause is gone: ${resumeCommand(project)}`,
  } as const;
}

/** The command of a person who knows better. */
export function resumeCommand(project: string): string {
  return `stagegate lane resume ${project} --reason "<why>"`;
}

function minutes(ms: number): string {
  return ms < 60_000 ? `${Math.ceil(ms / 1_000)} s` : `${Math.floor(ms / 60_000)} min`;
}
