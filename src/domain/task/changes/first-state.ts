import type { Damage } from '../../damage';
import { parseTaskId, taskIn } from '../../ids';
import type { Instant } from '../../instant';
import type { TaskEventData } from '../task.events';
import type { SubmittedTask } from '../task.state';
import type { Change } from './stage-changes';

export function submitted(data: TaskEventData['TaskSubmitted'], at: Instant): SubmittedTask {
  return {
    kind: 'submitted',
    revision: 0n,
    id: data.taskId,
    project: data.project,
    title: data.title,
    description: data.description ?? null,
    branch: data.branch,
    startStage: data.startStage,
    priority: data.priority,
    dependsOn: (data.dependsOn ?? []).map((taskId) => ({ taskId, end: null })),
    submittedAt: at,
    stage: 'created',
    stageSince: at,
    headOid: data.headOid,
    developedFrom: null,
    claim: null,
    takenAway: [],
    interruptedLanding: null,
    hold: null,
    freeEnds: {},
    deferral: null,
    spent: {},
    verdicts: {},
    gatesPassed: [],
    gatesUnconfigured: [],
    gatesOverridden: [],
    overrides: [],
    authors: {},
    merge: null,
    shadows: {},
    redOnce: null,
    evidence: {},
    nothingToLand: false,
    against: null,
    alerts: [],
    artifacts: {},
    deployBegun: null,
    monitor: null,
    landed: null,
    laneRun: null,
    headAfterLanding: null,
    requests: [],
    lockBusySince: null,
    exhausted: null,
    runnerUnavailable: false,
    failure: null,
    reworked: null,
    sentBack: null,
    damage: null,
    lastReason: null,
  };
}

/** Nobody works on it and nothing is waited for: whatever it was about to do is not known any more. */
export function damaged(damage: Damage): Change {
  return { damage, claim: null, deferral: null, requests: [] };
}

/** A task of which not even the beginning can be read: shown by what its stream is called. */
export function illegible(damage: Damage, at: Instant): SubmittedTask {
  const taskId = taskIn(damage.stream);
  const project = parseTaskId(taskId)?.project ?? '';
  const nothing = { branch: '', headOid: null, startStage: 'created', priority: 0, submittedBy: '' } as const;
  const task = submitted({ taskId, project, title: taskId, ...nothing }, at);
  return { ...task, ...damaged(damage), revision: BigInt(damage.revision) };
}
