/** Why a command was refused. Part of the API: REST answers 409 or 422 with it. */
export type TaskRejection =
  | 'unknown-task'
  | 'already-submitted'
  | 'invalid-branch'
  | 'invalid-task-id'
  | 'stage-not-an-entry'
  | 'invalid-priority'
  | 'already-claimed'
  | 'not-the-next-step'
  | 'stale-claim'
  | 'deadline-not-reached'
  | 'run-in-progress'
  | 'not-held'
  | 'already-held'
  | 'nothing-to-retry'
  | 'landed-already'
  | 'task-is-final'
  | 'wrong-job';
