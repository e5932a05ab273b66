import type { RunResult, RunSpec } from '../../src/application/ports/process-runner';
import { sagaContext } from '../../src/application/sagas/saga-context';
import type { SagaContext } from '../../src/application/sagas/saga';
import type { Project } from '../../src/application/projects';
import type { Switches } from '../../src/domain/policy/switches';
import type { TaskExecutor } from '../../src/application/execute-task';
import type { SubmittedTask } from '../../src/domain/task/task.state';
import { contextOf, given, type Line } from '../support/given-when-then';
import { ALL_ON } from '../support/policies';

/** Switches that somebody sets in the middle of a job: at a moment that its ports tell of. */
export class MidJob<Moment extends string> {
  private now: Switches;
  /** Facts that the job has stored on its way. */
  readonly recorded: string[] = [];

  constructor(
    private readonly moment: Moment,
    private readonly flip: Partial<Switches>,
    private readonly before: Switches = ALL_ON,
  ) {
    this.now = before;
  }

  readonly at = (moment: Moment): void => {
    if (moment === this.moment) this.now = { ...this.before, ...this.flip };
  };

  /** What a saga is given for the claim that the story ends with; failures have the effect that they really have. */
  contextFor(
    story: Line,
    project: Project,
    change: (task: SubmittedTask) => SubmittedTask = (task) => task,
  ): SagaContext {
    const { task: before, world } = given(story);
    const task = change(before);
    if (!task.claim) throw new Error('the story ends without a claim');
    const execute = (_task: string, { type }: { type: string }) => {
      this.recorded.push(type);
      return Promise.resolve({ kind: 'accepted' });
    };
    return sagaContext({
      executor: { execute } as unknown as TaskExecutor,
      contextOf: () => contextOf(world),
      task,
      claim: task.claim,
      project,
      around: contextOf(world),
      switches: () => this.now,
      signal: new AbortController().signal,
      beside: () => undefined,
    });
  }
}

/** Of a command that ended by itself. */
export function ranWith(exitCode: number, spec: Pick<RunSpec, 'runId' | 'treeKill'>): RunResult {
  return { ...measured(spec), kind: 'executed', verdict: exitCode === 0 ? 'pass' : 'fail', exitCode };
}

/** Of a command whose time was up. */
export function timedOut(spec: Pick<RunSpec, 'runId' | 'treeKill'>): RunResult {
  return {
    ...measured(spec),
    kind: 'tool_error',
    reason: 'timeout',
    retryable: true,
    executed: 'partially',
    evidence: [],
  };
}

function measured({ runId, treeKill }: Pick<RunSpec, 'runId' | 'treeKill'>) {
  const stream = { head: new Uint8Array(), tail: new Uint8Array(), totalBytes: 0, sha256: '', truncated: false };
  return {
    runId,
    startedAt: '2026-01-05T08:00:00.000Z',
    durationMs: 1,
    isolation: treeKill === false ? 'none' : 'L2-cgroup',
    containment: 'contained',
    output: { stdout: stream, stderr: stream },
    leaked: 0,
    survivors: 0,
    pipeHeldOpen: false,
    usage: {} as never,
  } as const;
}
