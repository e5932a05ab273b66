import { infraEffect } from '../../domain/task/decide/infra-failure';
import type { DecisionContext } from '../../domain/task/task.commands';
import type { OpenClaim, SubmittedTask } from '../../domain/task/task.state';
import type { Switches } from '../../domain/policy/switches';
import { OWNER_ATTEMPTS, type ContextOf, type TaskExecutor } from '../execute-task';
import type { Project } from '../projects';
import type { SagaContext } from './saga';

/** Gives a saga its claim, and the only two things it may ask of the task: store a fact, and what a failure would do. */
export function sagaContext(given: {
  executor: TaskExecutor;
  contextOf: ContextOf;
  task: SubmittedTask;
  claim: OpenClaim;
  project: Project;
  around: DecisionContext;
  switches: () => Switches;
  signal: AbortSignal;
  beside: SagaContext['beside'];
}): SagaContext {
  const { executor, contextOf, task, claim, project, around, switches, signal, beside } = given;
  let facts = 0;
  return {
    task,
    claim,
    project,
    signal,
    beside,
    get switches() {
      return switches();
    },
    effectOf: (failed) => {
      const surroundings = { ...around.surroundings, switches: switches() };
      return infraEffect(task, claim.job, { ...around, surroundings }, failed);
    },
    record: async (command) => {
      const commandId = `${claim.claimId}:fact:${facts++}`;
      const done = await executor.execute(task.id, command, contextOf, { commandId, attempts: OWNER_ATTEMPTS });
      return done.kind !== 'rejected';
    },
  };
}
