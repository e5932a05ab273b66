import { isOfService } from '../../authority/principal';
import { nextGate } from '../../gates/exit-gates';
import {
  authorsOf,
  judgesByPaths,
  mayOverride,
  namedPaths,
  overridingOf,
  subjectOfOverride,
} from '../../gates/overrides';
import { epochMs, plusMs, type Instant } from '../../instant';
import { sameScope } from '../changes/gate-changes';
import type { GateName } from '../pipeline';
import { settle } from '../settle';
import type { TaskCommandData } from '../task.commands';
import type { HoldReason } from '../task.events';
import type { Override, SubmittedTask } from '../task.state';
import { release } from './decide-operator';
import { accept, nothing, reject, type Decision } from './decision';
import type { Draft } from './draft';

const DAY_MS = 24 * 3_600_000;
/** Of an override that nobody gave a time. */
export const USUAL_OVERRIDE_MS = 7 * DAY_MS;
const LONGEST_OVERRIDE_MS = 366 * DAY_MS;

/**
 * Lets a gate pass that does not pass by itself, on record and for a time. A hold that is there because of that gate is lifted
 * with it, and so is the wait for another commit: one command is enough.
 */
export function overrideGate(draft: Draft, data: Asked): Decision {
  const refused = refusal(draft, data);
  if (refused) return refused;
  const { gate, reason } = data;
  const paths = scopeOf(draft, data);
  const { at, principal } = draft.context;
  const headOid = subjectOfOverride(draft.task, gate);
  const expiresAt = data.expiresAt ?? plusMs(at, USUAL_OVERRIDE_MS);
  const made = { by: principal.name, gate, headOid, paths, reason };
  const isKnown = draft.task.overrides.some((each) => isSame(each, made) && isAlike(each, data.expiresAt, at));
  const isInTheWay = holdsTask(draft, gate);
  if (!isKnown) {
    const scope = { ...(paths && { paths }), ...(headOid && { headOid }) };
    draft.add({ type: 'GateOverridden', data: { gate, by: principal.name, reason, expiresAt, ...scope } });
  }
  if (isInTheWay) release(draft, `${gate} is overridden`);
  settle(draft);
  return draft.events.length === 0 ? nothing() : accept(draft.events);
}

type Asked = TaskCommandData['OverrideGate'];

function refusal({ task, context }: Draft, { gate, paths, expiresAt }: Asked) {
  const { at, principal } = context;
  if (principal.kind === 'agent')
    return reject('not-allowed', `${principal.name} is an agent: a person overrides gates`);
  if (authorsOf(task, gate).includes(principal.name)) {
    const text = `${principal.name} has made, under a claim of this task, what ${gate} judges: somebody else overrides it`;
    return reject('not-allowed', text);
  }
  if (!mayOverride(task, gate)) return reject('not-overridable', notOverridable(task, gate));
  const misfit = pathsMisfit(task, gate, paths);
  if (misfit !== null) return reject('invalid-paths', misfit);
  const leftMs = expiresAt === null ? USUAL_OVERRIDE_MS : epochMs(expiresAt) - epochMs(at);
  if (leftMs > 0 && leftMs <= LONGEST_OVERRIDE_MS) return null;
  const text = `expected a time to come, at most ${LONGEST_OVERRIDE_MS / DAY_MS} days ahead, saw ${expiresAt ?? ''}`;
  return reject('invalid-expiry', text);
}

function pathsMisfit(task: SubmittedTask, gate: GateName, paths: Asked['paths']): string | null {
  if (paths === null) return null;
  if (paths === 'named') {
    if (!judgesByPaths(gate) || namedPaths(task, gate).length > 0) return null;
    return `${gate} has named no paths of ${task.branch}: name those to waive, or override the whole gate`;
  }
  return judgesByPaths(gate) ? null : `${gate} does not judge by paths: leave them out to let the whole gate pass`;
}

/** Where a gate does not judge by paths, what it has found is all of it. */
function scopeOf({ task }: Draft, { gate, paths }: Asked): readonly string[] | null {
  if (paths !== 'named') return paths;
  return judgesByPaths(gate) ? namedPaths(task, gate) : null;
}

function notOverridable(task: SubmittedTask, gate: GateName): string {
  const overriding = overridingOf(gate);
  if (typeof overriding === 'object') return `${gate} cannot be overridden: ${overriding.never}`;
  if (overriding === 'unwitnessed')
    return `${gate} makes the candidate and can be overridden only where the re-test of one ran no tests`;
  if (overriding === 'once-landed') return `${gate} can be overridden once the task has landed`;
  const saidNo = task.sentBack?.gate;
  const instead = saidNo && mayOverride(task, saidNo) ? `; to let this one go on, override ${saidNo}` : '';
  return `${gate} can be overridden once ${task.branch} has a new commit${instead}`;
}

/** Holds that no gate has to do with, whichever is next. */
const IS_NO_GATE: readonly HoldReason[] = ['forgery', 'dependency'];

/** Whether it is because of this gate that the service holds the task. What a person stopped, only a person lets go. */
function holdsTask({ task, context }: Draft, gate: GateName): boolean {
  const { hold, interruptedLanding, sentBack } = task;
  if (!hold || !isOfService(hold.by) || IS_NO_GATE.includes(hold.reason) || interruptedLanding) return false;
  return sentBack?.gate === gate || nextGate(task, context.policy, context.at)?.name === gate;
}

type Scope = Pick<Override, 'by' | 'gate' | 'headOid' | 'paths' | 'reason'>;

function isSame(one: Scope, other: Scope): boolean {
  const isOfOne = one.gate === other.gate && one.by === other.by && one.reason === other.reason;
  return isOfOne && one.headOid === other.headOid && sameScope(one.paths, other.paths);
}

/** Without a time of its own the request means the one that still counts. */
function isAlike(known: Override, asked: Instant | null, at: Instant): boolean {
  return asked === null ? epochMs(known.expiresAt) > epochMs(at) : known.expiresAt === asked;
}
