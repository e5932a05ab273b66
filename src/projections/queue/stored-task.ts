import type { SubmittedTask } from '../../domain/task/task.state';

type AlwaysSaid =
  | 'kind'
  | 'revision'
  | 'id'
  | 'project'
  | 'title'
  | 'branch'
  | 'startStage'
  | 'priority'
  | 'submittedAt'
  | 'stage'
  | 'stageSince';

/** What a member is that is not stored. Most tasks have most of these: a row is half as long without them. */
const UNSAID: Omit<SubmittedTask, AlwaysSaid> = {
  artifacts: {},
  claim: null,
  deferral: null,
  developedFrom: null,
  exhausted: null,
  gatesPassed: [],
  headAfterLanding: null,
  headOid: null,
  hold: null,
  interruptedLanding: null,
  landed: null,
  lastReason: null,
  lockBusySince: null,
  merge: null,
  nothingToLand: false,
  requests: [],
  runnerUnavailable: false,
  spent: {},
  verdicts: {},
};

export type StoredTask = Pick<SubmittedTask, AlwaysSaid> & Partial<Omit<SubmittedTask, AlwaysSaid>>;

export function storedTask(task: SubmittedTask): StoredTask {
  const said: Record<string, unknown> = {};
  for (const name in task) {
    const value: unknown = task[name as keyof SubmittedTask];
    if (!isUnsaid(value)) said[name] = value;
  }
  return said as unknown as StoredTask;
}

export function taskFrom(stored: StoredTask): SubmittedTask {
  return { ...UNSAID, ...stored };
}

/** The same for members that are there without a value and for those that are not: rows must not tell them apart. */
function isUnsaid(value: unknown): boolean {
  if (value === null || value === false || value === undefined) return true;
  if (typeof value !== 'object') return false;
  for (const name in value) if ((value as Readonly<Record<string, unknown>>)[name] !== undefined) return false;
  return true;
}
