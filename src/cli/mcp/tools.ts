/** What an agent can ask for: one operation of the REST face each, under the same token and scopes. */
export interface ToolSpec {
  readonly name: string;
  /** Of the OpenAPI document, which has the parameters, the body and their rules. */
  readonly operation: string;
  /** For a model that decides whether to call it: what it is for, and what comes next. */
  readonly about: string;
  /** Whether it changes nothing. */
  readonly isReading?: true;
  /** Of a text that may be long: which end of it comes when nothing else is asked for. */
  readonly shows?: 'beginning' | 'end';
}

export const TOOLS: readonly ToolSpec[] = [
  {
    name: 'why',
    operation: 'tasksWhy',
    isReading: true,
    about:
      'Says in one sentence why a task stands where it stands, who or what can move it on, and until when. Ask this first about a task that does not get on.',
  },
  {
    name: 'show_task',
    operation: 'tasksShow',
    isReading: true,
    about:
      'Shows everything about a task: stage, claim, verdicts, the answers of its gates with their evidence, what reviewers and suites have written, and what a returned task was sent back for.',
  },
  {
    name: 'task_events',
    operation: 'tasksEvents',
    isReading: true,
    about: 'Lists what has happened to a task, oldest first, with who did it. Pages go on with `cursor`.',
  },
  {
    name: 'list_artifacts',
    operation: 'artifactsList',
    isReading: true,
    about:
      'Lists what was written about a task: reviews, logs of suites, findings and reports of gates, files of CI. Read one with read_artifact. Pages go on with `cursor`.',
  },
  {
    name: 'read_artifact',
    operation: 'artifactsShow',
    isReading: true,
    shows: 'beginning',
    about:
      'Returns an artifact of a task, by its name or sha256: its first 64 KiB, or 64 KiB from the byte `from` on. The first line says how to go on.',
  },
  {
    name: 'list_tasks',
    operation: 'queueShow',
    isReading: true,
    about: 'Lists open tasks with their stages and what each waits for. Pages go on with `cursor`.',
  },
  {
    name: 'list_work',
    operation: 'workList',
    isReading: true,
    about: 'Lists work that somebody may take now, by project or role. Take it with take_work.',
  },
  {
    name: 'show_run',
    operation: 'runsShow',
    isReading: true,
    about: 'Shows one run of a suite or a command: how it ended, its verdict and what that rests on.',
  },
  {
    name: 'run_log',
    operation: 'runsLog',
    isReading: true,
    shows: 'end',
    about: 'Returns the end of what a run printed, or 64 KiB of it from the byte `from` on.',
  },
  {
    name: 'submit_task',
    operation: 'tasksSubmit',
    about: 'Enters a branch as a task. It goes through every stage and gate before it reaches main.',
  },
  {
    name: 'take_work',
    operation: 'workTake',
    about:
      'Takes the work of a task, or the next of a role. The answer has the brief (what to do, with its files), the branch, and a claim with a secret: every later call about this work cites both. Extend the claim before `deadlineAt`.',
  },
  {
    name: 'extend_work',
    operation: 'workHeartbeat',
    about: 'Keeps a claim that would run out at its `deadlineAt`. It never goes beyond `endsAt`.',
  },
  {
    name: 'complete_work',
    operation: 'workComplete',
    about:
      'Hands work in. A role with an artifact sends its whole text, front matter first; a role without one has pushed commits to the branch before.',
  },
  {
    name: 'fail_work',
    operation: 'workFail',
    about: 'Says that the work cannot be done, and why. It counts as an attempt.',
  },
  {
    name: 'release_work',
    operation: 'workRelease',
    about: 'Gives work back undone, for somebody else to take. It counts as no attempt.',
  },
];
