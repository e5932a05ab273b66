import type { SubmittedTask } from '../../domain/task/task.state';

type AlwaysSaid =
  'kind' | 'id' | 'project' | 'title' | 'branch' | 'startStage' | 'priority' | 'submittedAt' | 'stage' | 'stageSince';

/**
 * A task without what most tasks have in common: null, false, and lists and maps of nothing. Its description, which may be long
 * and never changes, is kept apart: this is written again with every event, and read by the page.
 */
export type StoredTask = Pick<SubmittedTask, AlwaysSaid> &
  Partial<Omit<SubmittedTask, AlwaysSaid | 'revision' | 'description'>> & { readonly revision: string };

export function storedTask(task: SubmittedTask): StoredTask {
  const said: Record<string, unknown> = {};
  for (const name in task) {
    const value: unknown = task[name as keyof SubmittedTask];
    if (name !== 'description' && !isUnsaid(value)) said[name] = value;
  }
  // JSON has no form for it.
  said['revision'] = String(task.revision);
  return said as unknown as StoredTask;
}

/** Member by member: a spread takes many times as long, and a page of the queue has hundreds of tasks. */
export function taskFrom(stored: StoredTask): SubmittedTask {
  return {
    against: stored.against ?? null,
    alerts: stored.alerts ?? [],
    artifacts: stored.artifacts ?? {},
    authors: stored.authors ?? {},
    branch: stored.branch,
    claim: stored.claim ?? null,
    damage: stored.damage ?? null,
    deferral: stored.deferral ?? null,
    deployBegun: stored.deployBegun ?? null,
    dependsOn: stored.dependsOn ?? [],
    description: null,
    developedFrom: stored.developedFrom ?? null,
    evidence: stored.evidence ?? {},
    exhausted: stored.exhausted ?? null,
    failure: stored.failure ?? null,
    freeEnds: stored.freeEnds ?? {},
    gatesOverridden: stored.gatesOverridden ?? [],
    gatesPassed: stored.gatesPassed ?? [],
    gatesUnconfigured: stored.gatesUnconfigured ?? [],
    headAfterLanding: stored.headAfterLanding ?? null,
    headOid: stored.headOid ?? null,
    hold: stored.hold ?? null,
    id: stored.id,
    interruptedLanding: stored.interruptedLanding ?? null,
    kind: stored.kind,
    landed: stored.landed ?? null,
    laneRun: stored.laneRun ?? null,
    lastReason: stored.lastReason ?? null,
    lockBusySince: stored.lockBusySince ?? null,
    merge: stored.merge ?? null,
    monitor: stored.monitor ?? null,
    nothingToLand: stored.nothingToLand ?? false,
    overrides: stored.overrides ?? [],
    priority: stored.priority,
    project: stored.project,
    redOnce: stored.redOnce ?? null,
    requests: stored.requests ?? [],
    revision: BigInt(stored.revision),
    reworked: stored.reworked ?? null,
    runnerUnavailable: stored.runnerUnavailable ?? false,
    sentBack: stored.sentBack ?? null,
    shadows: stored.shadows ?? {},
    spent: stored.spent ?? {},
    stage: stored.stage,
    stageSince: stored.stageSince,
    startStage: stored.startStage,
    submittedAt: stored.submittedAt,
    takenAway: stored.takenAway ?? [],
    title: stored.title,
    verdicts: stored.verdicts ?? {},
  };
}

/** The same for members that are there without a value and for those that are not: rows must not tell them apart. */
function isUnsaid(value: unknown): boolean {
  if (value === null || value === false || value === undefined) return true;
  if (typeof value !== 'object') return false;
  for (const name in value) if ((value as Readonly<Record<string, unknown>>)[name] !== undefined) return false;
  return true;
}
