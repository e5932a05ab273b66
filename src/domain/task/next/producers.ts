import { awaitsCi, EXIT_GATES } from '../../gates/exit-gates';
import type { Instant } from '../../instant';
import type { ProjectPolicy } from '../../policy/project-policy';
import type { PlainKind } from '../job';
import { JOBS } from '../job-table';
import { isAgentRole, rowOf, type AgentRole, type WorkStage } from '../pipeline';
import type { Surroundings } from '../task.commands';
import { isUntested, type SubmittedTask } from '../task.state';
import { failureText } from '../words/failure-words';
import { remedyOfMissing, remedyOfSentBack, type Remedy } from '../words/remedies';
import { awaitCi, blockedByGate } from './gate-steps';
import { runJob } from './lane-steps';
import { why, type Step, type Why } from './step';

export function agentStage(task: SubmittedTask, stage: WorkStage, now: Instant, policy: ProjectPolicy): Step {
  const { producer: role } = rowOf(stage);
  if (stage === 'development' && policy.ci && awaitsCi(task, EXIT_GATES.check_ci_green))
    return awaitCi(task, policy.ci);
  return isAgentRole(role) ? byAgent(task, role, policy) : blockedByGate(task, now, policy);
}

/** By the runner, or by the agent who stands in where that is switched off or cannot be had. */
export function suiteStage(
  task: SubmittedTask,
  kind: PlainKind,
  policy: ProjectPolicy,
  { switches }: Surroundings,
): Step {
  const { verdict } = JOBS[kind];
  if (verdict === null) throw new Error(`${kind} makes no verdict`);
  const { switchedBy, stage } = verdict;
  const { producer, fallback } = rowOf(stage);
  const hasAgent = fallback !== null && policy.agents[fallback] !== undefined;
  const isReplaced = task.runnerUnavailable && hasAgent;
  if (switches[switchedBy] && !isReplaced) return runJob(task, { kind }, null);
  if (hasAgent) return runJob(task, { kind: 'agent', role: fallback }, null);
  const text = `the ${producer} is switched off for this project and no ${fallback} agent is configured`;
  const on = `stagegate switch ${switchedBy} on --project ${task.project} --reason TEXT`;
  const remedy = remedyOfMissing(task, `${on}, or configure agents.${fallback}`);
  const said = [text, 'person', task.stageSince] as const;
  const reason = stage === 'testing' ? why('testing-switched-off', ...said) : why('staging-switched-off', ...said);
  return fallback === null ? { kind: 'await', why: { ...reason, remedy } } : offered(fallback, { ...reason, remedy });
}

export function byAgent(task: SubmittedTask, role: AgentRole, policy: ProjectPolicy): Step {
  const { stage } = task;
  // Nothing is known against this commit, so there is nothing to repair: asking a developer would only cost.
  if (stage === 'development' && isUntested(task)) return untested(task);
  if (policy.agents[role]) return runJob(task, { kind: 'agent', role }, null);
  const failure = task.sentBack?.failure ?? null;
  const missed = `no ${role} agent is configured for ${task.project}`;
  const text = failure ? failureText(failure) : (refusedBy(task) ?? missed);
  const reason = why(`no-agent:${role}`, text, 'person', task.stageSince, task.branch);
  const missing = `configure agents.${role} in the project file and restart the service`;
  const remedy = stage === 'development' ? remedyOfSentBack(task, 'push') : remedyOfMissing(task, missing);
  return offered(role, { ...reason, failure, remedy });
}

/** What a gate that judges by no job of ours has said of the commit. */
function refusedBy({ stage, sentBack }: SubmittedTask): string | null {
  return stage === 'development' && sentBack?.gate ? `${sentBack.gate}: ${sentBack.reason}` : null;
}

/** Nobody is configured to do it, so whoever asks for it may. */
function offered(role: AgentRole, reason: Why & { readonly remedy: Remedy }): Step {
  const remedy = { ...reason.remedy, isOffered: true };
  return { kind: 'await', why: { ...reason, remedy }, offer: { kind: 'agent', role } };
}

function untested(task: SubmittedTask): Step {
  const failure = task.sentBack?.failure ?? null;
  const cause = failure ? failureText(failure) : 'infrastructure failed';
  const text = `${cause}; nothing is known about the commit`;
  const reason = why('untested', text, 'person', task.stageSince, task.branch);
  return { kind: 'await', why: { ...reason, failure, remedy: remedyOfSentBack(task, 'retry') } };
}
