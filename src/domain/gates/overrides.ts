import type { Oid } from '../ids';
import { epochMs, type Instant } from '../instant';
import { comesAfter, doesCommit, rowOf, stageOf, AGENT_ROLES, type GateName } from '../task/pipeline';
import { isNewWork, type Override, type SubmittedTask } from '../task/task.state';

/**
 * Whether a person may let a gate pass. `once-landed`: before that, the gates behind the landing keep a task from its end; let
 * through, it would be done without having landed. `unwitnessed`: there is a candidate, and what keeps it is the count of its tests
 * alone. `with-work`: before there is another commit, it is the want of one that keeps
 * the task at development; let through, it would come back with the same one again and again. `by-path`: always, and for some
 * of the paths that it judges.
 */
type Overriding = 'always' | 'by-path' | 'once-landed' | 'unwitnessed' | 'with-work' | { readonly never: string };

const OVERRIDING: Readonly<Record<GateName, Overriding>> = {
  intake: { never: 'what it rejects is final' },
  check_analysis_ready: 'always',
  check_architecture_ready: 'always',
  check_ci_green: 'with-work',
  check_review_approved: 'always',
  check_tests_passed: 'always',
  check_staging_status: 'always',
  check_branch_mergeable: 'unwitnessed',
  check_no_silent_revert: 'by-path',
  check_tests_not_weakened: 'by-path',
  check_security: 'by-path',
  check_coverage: 'by-path',
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
  if (overriding === 'unwitnessed') return task.merge?.retest === 'not-executed';
  if (overriding !== 'with-work') return overriding === 'always' || overriding === 'by-path';
  // What the gate itself has sent back is work.
  return isNewWork(task, task.headOid) || task.sentBack?.gate === gate;
}

/** Whether it names the paths that speak against a change, so that a person may let some of them pass. */
export function judgesByPaths(gate: GateName): boolean {
  return OVERRIDING[gate] === 'by-path';
}

/** The recorded override that lets the task through the whole gate at that time; null when there is none. */
export function liveOverride(task: SubmittedTask, gate: GateName, at: Instant): Override | null {
  if (!mayOverride(task, gate)) return null;
  const live = saidBy(task, gate).flatMap((each) => liveOnes(task, each, at));
  return live.findLast(({ paths }) => paths === null) ?? null;
}

/** Whoever let a suite without tests pass in staging has let its re-test pass, which runs the same. */
function saidBy({ verdicts }: SubmittedTask, gate: GateName): readonly GateName[] {
  const isSame = gate === 'check_branch_mergeable' && verdicts['deploy-staging']?.cause === 'not-executed';
  return isSame ? ['check_staging_status', gate] : [gate];
}

/** The paths that the gate has named, at its last answer, as speaking against the branch's commit. */
export function namedPaths({ against, headOid }: SubmittedTask, gate: GateName): readonly string[] {
  return against?.gate === gate && against.headOid === headOid ? against.paths : [];
}

/** Which of the paths a person lets pass at that time, each by the waiver that lasts longest. One for a folder is for all in it. */
export function waivedPaths(
  task: SubmittedTask,
  gate: GateName,
  at: Instant,
  paths: readonly string[],
): ReadonlyMap<string, Override> {
  const live = judgesByPaths(gate) ? liveOnes(task, gate, at) : [];
  const found = paths.map((path) => [path, lastOf(live.filter((each) => isFor(each, path)))] as const);
  return new Map(found.filter((each): each is [string, Override] => each[1] !== null));
}

/** That which is over first: the gate has to be asked again then. */
export function firstOver(overrides: readonly Override[]): Override | null {
  return overrides.reduce<Override | null>((first, each) => (first ? sooner(first, each) : each), null);
}

function liveOnes(task: SubmittedTask, gate: GateName, at: Instant): readonly Override[] {
  const isLive = (each: Override) =>
    each.gate === gate &&
    (each.headOid === null || each.headOid === task.headOid) &&
    epochMs(each.expiresAt) > epochMs(at);
  return task.overrides.filter(isLive);
}

/** Of those that cover a path the one that lasts longest. */
function lastOf(overrides: readonly Override[]): Override | null {
  return overrides.reduce<Override | null>((last, each) => (last && sooner(each, last) === each ? last : each), null);
}

function sooner(one: Override, other: Override): Override {
  return epochMs(one.expiresAt) <= epochMs(other.expiresAt) ? one : other;
}

function isFor({ paths }: Override, path: string): boolean {
  return paths?.some((scope) => covers(scope, path)) === true;
}

function covers(scope: string, path: string): boolean {
  const plain = scope.replace(/^\.\//, '').replace(/\/+$/, '');
  return path === plain || path.startsWith(`${plain}/`);
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
