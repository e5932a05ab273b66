import { isWaitOver, type Instant } from '../../instant';
import type { ProjectPolicy } from '../../policy/project-policy';
import type { PlainKind } from '../job';
import { JOBS } from '../job-table';
import { nextPoll, windowText } from '../monitor';
import type { Surroundings } from '../task.commands';
import type { SubmittedTask } from '../task.state';
import { remedyOfGate } from '../words/remedies';
import { askGate } from './gate-steps';
import { runJob, waitForLane } from './lane-steps';
import { why, type Step } from './step';

/** The command may have been taken out of the project file, or switched off, since the task came here. One that has begun is asked about. */
export function deployStep(task: SubmittedTask, now: Instant, policy: ProjectPolicy, surroundings: Surroundings): Step {
  if (!policy.deploy || task.deployBegun) return askGate(task, 'check_deploy_status', now, policy);
  const isOff = switchedOff(task, 'deploy', surroundings);
  return isOff ?? waitForLane(task, now, surroundings) ?? runJob(task, { kind: 'deploy' }, surroundings);
}

/** Between two polls nothing is held: the log says when the next one is due. */
export function monitorStep(
  task: SubmittedTask,
  now: Instant,
  policy: ProjectPolicy,
  surroundings: Surroundings,
): Step {
  const { monitor } = policy;
  if (!monitor) return askGate(task, 'check_monitor_healthy', now, policy);
  const off = switchedOff(task, 'monitor-poll', surroundings);
  if (off) return off;
  const next = nextPoll(task, monitor);
  if (isWaitOver(next, now)) return runJob(task, { kind: 'monitor-poll' }, null);
  const text = `next poll at ${next.until}, ${windowText(task.monitor, monitor)}`;
  return { kind: 'wait', until: next.until, why: why('monitoring', text, 'runner', task.stageSince) };
}

/** What a job of a landed task waits for whose switch is off; null where it is on. */
function switchedOff(task: SubmittedTask, kind: PlainKind, { switches }: Surroundings): Step | null {
  const { switchedBy, gate } = JOBS[kind];
  if (!switchedBy || !gate || switches[switchedBy]) return null;
  const text = `${switchedBy} is switched off for this project, and the task has landed`;
  const on = `stagegate switch ${switchedBy} on --project ${task.project} --reason TEXT`;
  const remedy = { ...remedyOfGate(task, gate), first: on };
  const said = [text, 'person', task.stageSince, gate] as const;
  const reason = kind === 'deploy' ? why('deploy-switched-off', ...said) : why('monitor-switched-off', ...said);
  return { kind: 'await', why: { ...reason, remedy } };
}
