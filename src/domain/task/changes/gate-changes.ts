import type { Instant } from '../../instant';
import { judgesByPaths } from '../../gates/overrides';
import type { JsonObject, JsonValue } from '../../json';
import { stageOf, type AgentRole, type GateName } from '../pipeline';
import type { TaskEventData } from '../task.events';
import type { Override, SubmittedTask } from '../task.state';
import { gatesBefore, type Change } from './stage-changes';

/** The reason of a pass that a gate did not give by itself. */
export const OVERRIDDEN = 'overridden';

export function answered(task: SubmittedTask, data: TaskEventData['GateEvaluated']): Change {
  const { gate, result, reason, evidence } = data;
  const against = againstIt(task, data);
  if (result === 'pass' && reason === OVERRIDDEN) {
    const overrides = withUsed(task.overrides, evidence);
    return { against, gatesOverridden: withGate(task.gatesOverridden, gate), overrides };
  }
  const gatesOverridden = withoutLapsed(task, gate, result === 'pass');
  if (result === 'not-configured')
    return { against, gatesOverridden, gatesUnconfigured: withGate(task.gatesUnconfigured, gate) };
  // Configured by now.
  const gatesUnconfigured = task.gatesUnconfigured.filter((each) => each !== gate);
  if (result === 'pass')
    return { against, gatesOverridden, gatesPassed: withGate(task.gatesPassed, gate), gatesUnconfigured };
  return { against, gatesOverridden, gatesUnconfigured };
}

/** A landing that was lost leads back behind the staging suite, by whatever that was let through. */
export function backBehindStaging(task: SubmittedTask): Change {
  const passed = gatesBefore(task.gatesPassed, 'deploy-staging');
  return task.gatesOverridden.includes('check_staging_status')
    ? {
        gatesPassed: passed,
        gatesOverridden: [...gatesBefore(task.gatesOverridden, 'deploy-staging'), 'check_staging_status'],
      }
    : { gatesPassed: [...passed, 'check_staging_status'] };
}

/** Where it overrules what sent the task back, there is nothing to repair: the same commit may leave development. */
export function overridden(task: SubmittedTask, data: TaskEventData['GateOverridden'], at: Instant): Change {
  const { gate, by, reason, expiresAt, paths = null, headOid = null } = data;
  const made: Override = {
    by,
    expiresAt,
    gate,
    headOid,
    paths,
    reason,
    isUsed: false,
    revision: String(task.revision + 1n),
    since: at,
  };
  const others = task.overrides.filter((each) => each.gate !== gate || !sameScope(each.paths, paths));
  const isOverruled = task.stage === 'development' && task.sentBack?.gate === gate;
  return {
    overrides: [...others, made],
    deferral: null,
    ...(isOverruled ? { developedFrom: null, sentBack: null } : {}),
  };
}

/** Whoever made under a claim from outside what later gates judge. What the service starts itself has no name of its own. */
export function withAuthor(task: SubmittedTask, role: AgentRole): SubmittedTask['authors'] {
  const name = task.claim?.outside?.by ?? null;
  const known = task.authors[role] ?? [];
  return name === null || known.includes(name) ? task.authors : { ...task.authors, [role]: [...known, name] };
}

export function sameScope(one: readonly string[] | null, other: readonly string[] | null): boolean {
  return one === null || other === null ? one === other : one.join('\0') === other.join('\0');
}

/** One that has been let through may speak of no path. */
function againstIt({ headOid }: SubmittedTask, { gate, result, evidence }: TaskEventData['GateEvaluated']) {
  const named = result === 'fail' || result === 'hold' ? evidence['paths'] : null;
  const paths = Array.isArray(named) ? named.filter((path): path is string => typeof path === 'string') : [];
  return judgesByPaths(gate) && paths.length > 0 ? { gate, headOid, paths } : null;
}

/** Those marked by which a gate has passed, as its evidence names them. */
function withUsed(overrides: readonly Override[], { override, waived }: JsonObject): readonly Override[] {
  const pairs = Array.isArray(waived) ? (waived as readonly JsonValue[]) : [];
  const used = [override, ...pairs.map((pair) => (Array.isArray(pair) ? (pair as readonly JsonValue[])[1] : null))];
  return overrides.map((each) => (used.includes(each.revision) && !each.isUsed ? { ...each, isUsed: true } : each));
}

function withGate(gates: readonly GateName[], gate: GateName): readonly GateName[] {
  return gates.includes(gate) ? gates : [...gates, gate];
}

/** Its stage goes on as if nobody had overridden it. One of an earlier stage is owed until it passes. */
function withoutLapsed({ gatesOverridden, stage }: SubmittedTask, gate: GateName, isPassed: boolean) {
  const isOver = isPassed || stageOf(gate) === stage;
  return isOver && gatesOverridden.includes(gate) ? gatesOverridden.filter((each) => each !== gate) : gatesOverridden;
}
