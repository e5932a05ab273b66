import { createHash } from 'node:crypto';
import type { ChangedEntry, TreeFile, TrialPlan } from '../../src/domain/gates/judge/judge-change';
import type { StoredEvent } from '../../src/application/ports/event-store';
import type { TaskEventData } from '../../src/domain/task/task.events';
import type { ProjectSettings } from '../../src/infrastructure/config/project/project-settings';
import type { Violation } from '../support/violation';
import { seeded } from './random';
import { isOverridden } from './sim-reports';
import type { SimRepository } from './sim-repository';

/** In some histories, drawn apart, main's tests judge what rewrites its own. */
export function hasJudges(seed: number): boolean {
  return seeded(seed ^ 0x1d6e).chance(0.2);
}

export function judgeOf(seed: number): Pick<ProjectSettings, 'judge'> {
  return hasJudges(seed) ? { judge: { run: 'main-tests' } } : {};
}

/**
 * What a change does to the tests, by what it touches: it weakens them so that its fault passes, changes them honestly, adds one, or leaves
 * them alone.
 */
type Deed = 'weakens' | 'changes' | 'adds' | null;
function deedOf(touches: number): Deed {
  if (touches < 0) return null;
  return ([null, 'weakens', null, 'changes', 'adds', null] as const)[touches % 6] ?? null;
}

const CHANGED = 'test/all.test.js';

/** Files of a commit that judge: each deed on its way down to the first commit has left its mark. */
export function filesOf(repository: SimRepository, oid: string): ReadonlyMap<string, TreeFile> {
  const files = new Map<string, TreeFile>([[CHANGED, plain('all')]]);
  for (const { deed, touches } of deedsOf(repository, oid)) {
    if (deed === 'adds') files.set(`test/data/${touches}.json`, plain(`added ${touches}`));
    else files.set(CHANGED, plain(`${files.get(CHANGED)?.oid} ${deed} ${touches}`));
  }
  return files;
}

export function judgeEntries(
  repository: SimRepository,
  { from, to }: { readonly from: string; readonly to: string },
): readonly ChangedEntry[] {
  const [before, after] = [filesOf(repository, from), filesOf(repository, to)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((path) => {
    const [one, other] = [before.get(path) ?? null, after.get(path) ?? null];
    return one?.oid === other?.oid ? [] : [{ path, before: one, after: other }];
  });
}

/** Of a fault that only weakened tests let pass main's tests are red. */
export function trialOf(repository: SimRepository, onto: string, plan: TrialPlan) {
  const isRed = plan.put.length > 0 && weakens(repository, onto, plan);
  const [oid, treeOid] = ['commit', 'tree'].map((what) => digest(`${what} ${onto} ${JSON.stringify(plan)}`)) as [
    string,
    string,
  ];
  // The same each time that it is made, as in git.
  repository.commits.set(oid, { oid, tree: treeOid, parent: onto, isRed, touches: -2 });
  return { oid, treeOid };
}

function weakens(repository: SimRepository, onto: string, { put }: TrialPlan): boolean {
  const mains = put.find(({ path }) => path === CHANGED)?.oid;
  const own = deedsOf(repository, onto);
  // The deeds of the candidate's own: those behind which the tests were as main has them.
  let tests = plain('all').oid;
  let isOwn = tests === mains;
  let found = false;
  for (const { deed, touches } of own) {
    if (deed === 'adds') continue;
    if (isOwn && deed === 'weakens') found = true;
    tests = plain(`${tests} ${deed} ${touches}`).oid;
    isOwn ||= tests === mains;
  }
  return found;
}

function deedsOf(repository: SimRepository, oid: string): readonly { deed: Exclude<Deed, null>; touches: number }[] {
  const found: { deed: Exclude<Deed, null>; touches: number }[] = [];
  for (let at: string | null = oid; at; at = repository.get(at).parent) {
    const { touches } = repository.get(at);
    const deed = deedOf(touches);
    if (deed) found.unshift({ deed, touches });
  }
  return found;
}

function digest(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

function plain(content: string): TreeFile {
  return { mode: '100644', oid: content };
}

/** I49: nothing lands that weakened its tests while the project has main's judge it, unless somebody has let the gate pass on record. */
export function checkJudges(seed: number, repository: SimRepository, events: readonly StoredEvent[]): Violation[] {
  if (!hasJudges(seed)) return [];
  return events.flatMap((event, index): Violation[] => {
    if (event.type !== 'TaskLanded') return [];
    const { newOid, baseOid } = event.data as unknown as TaskEventData['TaskLanded'];
    const known = deedsOf(repository, baseOid).length;
    const own = deedsOf(repository, newOid).slice(known);
    if (!own.some(({ deed }) => deed === 'weakens')) return [];
    const before = events.slice(0, index).filter(({ stream }) => stream === event.stream);
    if (isOverridden(before, 'check_tests_not_weakened')) return [];
    const detail = `${newOid} landed with weaker tests than ${baseOid} has`;
    return [{ invariant: 'I49', stream: event.stream, revision: event.revision, detail }];
  });
}
