import type { Oid } from '../ids';
import { epochMs, type Instant } from '../instant';
import { comesAfter, doesCommit, rowOf, stageOf, AGENT_ROLES, type GateName } from '../task/pipeline';
import { isNewWork, type Override, type SubmittedTask } from '../task/task.state';

/**
 * Whether a person may let a gate pass. `once-landed`: before that, the gates behind the landing keep a task from its end; let
 * through, it would be done without having landed. `with-work`: before there is another commit, it is the want of one that keeps
 * the task at development; let through, it would come back with the same one again and again.
 */
type Overriding = 'always' | 'once-landed' | 'with-work' | { readonly never: string };

/** A gate that judges by paths gets a value of its own here, and is the first to take an override for some of them. */
const OVERRIDING: Readonly<Record<GateName, Overriding>> = {
  intake: { never: 'what it rejects is final' },
  check_analysis_ready: 'always',
  check_architecture_ready: 'always',
  check_ci_green: 'with-work',
  check_review_approved: 'always',
  check_tests_passed: 'always',
  check_staging_status: 'always',
  check_branch_mergeable: { never: 'it makes the candidate, without which there is nothing to land' },
  check_security: 'always',
  check_coverage: 'always',
  check_image_fresh: 'always',
  check_deploy_status: 'once-landed',
  check_monitor_healthy: 'once-landed',
};

export function overridingOf(gate: GateName): Overriding {
  return OVERRIDING[gate];
}

export function mayOverride(task: SubmittedTask, gate: GateName): boolean {
  const overriding = OVERRIDING[gate];
  if (overriding === 'once-landed') return task.landed !== null;
  if (overriding !== 'with-work') return overriding === 'always';
  // What the gate itself has sent back is work.
  return isNewWork(task, task.headOid) || task.sentBack?.gate === gate;
}

/** The recorded override that lets the task through the whole gate at that time; null when there is none. */
export function liveOverride(task: SubmittedTask, gate: GateName, at: Instant): Override | null {
  if (!mayOverride(task, gate)) return null;
  const isLive = (each: Override) =>
    each.gate === gate &&
    each.paths === null &&
    (each.headOid === null || each.headOid === task.headOid) &&
    epochMs(each.expiresAt) > epochMs(at);
  return task.overrides.findLast(isLive) ?? null;
}

/** What an override of the gate is about: the branch's commit, or, before development, the branch whatever is on it. */
export function subjectOfOverride({ headOid }: Pick<SubmittedTask, 'headOid'>, gate: GateName): Oid | null {
  return comesAfter('development', stageOf(gate)) ? null : headOid;
}

/** Who has made from outside what the gate judges: its stage's document, or from development on the commits. */
export function authorsOf({ authors }: Pick<SubmittedTask, 'authors'>, gate: GateName): readonly string[] {
  const { producer, stage } = rowOf(stageOf(gate));
  const isJudged = (role: (typeof AGENT_ROLES)[number]) =>
    comesAfter('development', stage) ? role === producer : doesCommit(role);
  return AGENT_ROLES.filter(isJudged).flatMap((role) => authors[role] ?? []);
}
