import type { InfraEffect } from '../../domain/task/decide/infra-failure';
import type { InfraFailure, OutcomeCommand, TaskCommand } from '../../domain/task/task.commands';
import type { OpenClaim, SubmittedTask } from '../../domain/task/task.state';
import type { FetchedHeads } from '../ports/git-workspace';
import type { Project } from '../projects';
import type { Switches } from '../../domain/policy/switches';

/** What a saga gets: an open claim, and nothing with which it could move the task by itself. */
export interface SagaContext {
  readonly task: SubmittedTask;
  readonly claim: OpenClaim;
  readonly project: Project;
  /** As of the moment they are looked at: what may not start any more is asked right before it starts. */
  readonly switches: Switches;
  /** Aborted when the claim is no longer open, its time is up, or the service stops. */
  readonly signal: AbortSignal;
  /** Stores a fact on the way. @returns false when the claim is closed: stop, the result is not wanted. */
  readonly record: (command: TaskCommand) => Promise<boolean>;
  /** Told what an agent works on, right before it starts: what runs beside it begins then. */
  readonly beside: (heads: FetchedHeads) => void;
  /** What an infra failure would lead to, so that its artifact can be rendered before it is recorded. */
  readonly effectOf: (failed: Pick<InfraFailure, 'failureClass' | 'failure'>) => InfraEffect;
}

/** 'abandoned': the saga was told to stop and has no result. */
export type SagaOutcome = OutcomeCommand | 'abandoned';

/** Does one job's I/O and says how it ended. Expected failures are outcomes, not exceptions. */
export interface Saga {
  run(context: SagaContext): Promise<SagaOutcome>;
}

/** The job is not wanted any more, or cannot be done as the project stands now. */
export function givenBack({ claim }: Pick<SagaContext, 'claim'>, reason: string): OutcomeCommand {
  return { type: 'ReleaseClaim', data: { claim: claim.token, reason } };
}
