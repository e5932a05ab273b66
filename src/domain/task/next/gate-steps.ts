import { ciStandings } from '../../gates/ci.gate';
import { nextGate, passageFor, unansweredGate } from '../../gates/exit-gates';
import type { Instant } from '../../instant';
import type { CiPolicy, ProjectPolicy } from '../../policy/project-policy';
import { jobFor } from '../job';
import type { GateName } from '../pipeline';
import type { SubmittedTask } from '../task.state';
import { remedyOfCheck, remedyOfGate } from '../words/remedies';
import { runJob } from './lane-steps';
import { why, type Step, type Why } from './step';

/** What lets a gate through, or no more, has changed, and nothing about the change has: it is asked again. */
export function askGate(task: SubmittedTask, gate: GateName, now: Instant, policy: ProjectPolicy): Step {
  return { kind: 'decide', command: { type: 'EvaluateGates', data: {} }, why: whyAsked(task, gate, now, policy) };
}

/** The job for the next gate, where there is one. Those that need the lane have been looked for before. */
export function gateJob(task: SubmittedTask, now: Instant, policy: ProjectPolicy): Step {
  const job = jobFor(unansweredGate(task));
  return job ? runJob(task, job, null) : blockedByGate(task, now, policy);
}

export function blockedByGate(task: SubmittedTask, now: Instant, policy: ProjectPolicy): Step {
  const gate = nextGate(task, policy, now)?.name ?? null;
  const name = gate ?? 'none';
  const reason = why(`gate:${name}`, `gate ${name} waits for evidence`, 'outside', task.stageSince, name);
  return { kind: 'await', why: { ...reason, remedy: gate && remedyOfGate(task, gate) } };
}

/** The developer's work is done. Which check is missing, and how its result is brought. */
export function awaitCi(task: SubmittedTask, ci: CiPolicy): Step {
  const gate = 'check_ci_green';
  const waiting = ciStandings(task, ci).flatMap((each) => (each.kind === 'waiting' ? [each] : []));
  const text = `gate ${gate} waits for CI: ${waiting.map(({ name, is }) => `${name} ${is}`).join(', ')}`;
  const reason = why(`gate:${gate}`, text, 'outside', task.stageSince, waiting[0]?.name ?? gate);
  return { kind: 'await', why: { ...reason, remedy: remedyOfCheck(task, gate, waiting[0]?.name ?? '') } };
}

function whyAsked(task: SubmittedTask, gate: GateName, now: Instant, policy: ProjectPolicy): Why {
  const since = task.stageSince;
  if (passageFor(task, gate, policy, now))
    return why('gate-overridden', `gate ${gate} is overridden`, 'queue', since, gate);
  if (task.gatesOverridden.includes(gate))
    return why('override-over', `the override of gate ${gate} counts no more`, 'queue', since, gate);
  return why('gate-required', `gate ${gate} is required by now and has not passed`, 'queue', since, gate);
}
