import type { Oid } from '../ids';
import type { JsonObject } from '../json';
import type { CiPolicy, ProjectPolicy } from '../policy/project-policy';
import { isNewWork, type Evidence, type SubmittedTask } from '../task/task.state';
import { fail, hold, NOT_CONFIGURED, notReady, pass, type Gate, type GateResult } from './gate';
import { checksIn, isContradicted, saidIn } from './outside-evidence';
import { evidenceFor } from './subject';

const GATE = 'check_ci_green';
/** Named in a reason; all of them stand in the evidence. */
const MOST_NAMED = 5;

/** How a required check stands for the commit that is judged. `waiting`: with what is missing, as a person says it. */
export type CheckStanding =
  | { readonly kind: 'green'; readonly name: string }
  | { readonly kind: 'red'; readonly name: string }
  | { readonly kind: 'contradictory'; readonly name: string }
  | { readonly kind: 'waiting'; readonly name: string; readonly is: string };

/**
 * check_ci_green: a commit that development did not start from, and, where the project names its checks, a green result of each
 * for that very commit. Only `failure` is a finding about the change. What CI did not finish (cancelled, timed out, error …) or
 * did not do (skipped, neutral) is not green, and is waited for. Red and green for one commit is nobody's fault: a person looks.
 */
export const ciGate: Gate = {
  name: GATE,
  version: 2,
  evaluate: (task, { ci }) => {
    if (!isNewWork(task, task.headOid)) return notReady('no new commit on the branch');
    return ci ? judge(standings(evidenceFor(task, GATE), task, ci)) : NOT_CONFIGURED;
  },
};

/** How each required check stands, in the order of the configuration. */
export function ciStandings(task: SubmittedTask, ci: CiPolicy): readonly CheckStanding[] {
  return standings(evidenceFor(task, GATE), task, ci);
}

/** What the gate says by now of a commit that it has let through: null while it stays with that. */
export function revokedCi(task: SubmittedTask, { ci }: ProjectPolicy): GateResult | null {
  const evidence = task.evidence[GATE];
  if (!ci || task.landed || !task.gatesPassed.includes(GATE) || evidence?.subjectOid !== task.headOid) return null;
  const contradictory = namesOf(standings(evidence, task, ci), 'contradictory');
  return contradictory.length === 0 ? null : contradicted(contradictory);
}

function judge(found: readonly CheckStanding[]): GateResult {
  const red = namesOf(found, 'red');
  if (red.length > 0) return fail(`failed in CI: ${listed(red)}`, { checks: red });
  const contradictory = namesOf(found, 'contradictory');
  if (contradictory.length > 0) return contradicted(contradictory);
  const waiting = found.flatMap((each) => (each.kind === 'waiting' ? [`${each.name} ${each.is}`] : []));
  return waiting.length > 0 ? notReady(listed(waiting)) : pass({ checks: namesOf(found, 'green') });
}

function contradicted(names: readonly string[]): GateResult {
  return hold('inconclusive', { checks: names }, `CI said both success and failure of one commit: ${listed(names)}`);
}

function standings(
  evidence: Evidence | null,
  task: SubmittedTask,
  { requiredChecks, accept = [] }: CiPolicy,
): readonly CheckStanding[] {
  const checks = checksIn(evidence);
  return requiredChecks.map((name): CheckStanding => {
    const check = checks.get(name);
    if (!check) return { kind: 'waiting', name, is: absent(task, name) };
    if (isContradicted(check)) return { kind: 'contradictory', name };
    return standing(name, check, accept);
  });
}

function standing(name: string, check: JsonObject, accept: readonly string[]): CheckStanding {
  const result = saidIn(check, 'result');
  if (result === 'failure') return { kind: 'red', name };
  const isGreen = result === 'success' || accept.includes(result);
  return isGreen ? { kind: 'green', name } : { kind: 'waiting', name, is: `was ${result}` };
}

/** CI may have told of the commit before: that says nothing about this one. */
function absent(task: SubmittedTask, name: string): string {
  const older = task.evidence[GATE];
  return older && checksIn(older).has(name) ? `is known of ${shortOid(older.subjectOid)} only` : 'is missing';
}

function shortOid(oid: Oid): string {
  return oid.slice(0, 10);
}

function namesOf(found: readonly CheckStanding[], kind: CheckStanding['kind']): readonly string[] {
  return found.flatMap((each) => (each.kind === kind ? [each.name] : []));
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return [...names.slice(0, MOST_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
