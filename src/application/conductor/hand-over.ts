import type { TaskId } from '../../domain/ids';
import type { DecisionContext, OutcomeCommand, TaskCommand } from '../../domain/task/task.commands';
import type { SubmittedTask } from '../../domain/task/task.state';
import { OWNER_ATTEMPTS, type ContextOf, type Executed, type TaskExecutor } from '../execute-task';
import type { Clock } from '../ports/clock';
import { EventRefused, StoreClosed } from '../ports/event-store';
import { InfrastructureError } from '../ports/infrastructure-error';
import type { Logger } from '../ports/logger';
import type { Project } from '../projects';
import { sleep } from '../sleep';
import type { ActiveRun } from './active-run';
import { outcomeOfBroken, outcomeOfUnstorable } from './outcomes';

export interface HandOverDeps {
  readonly executor: TaskExecutor;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly contextOf: (project: Project) => ContextOf;
}

/** The job that follows, for the same append; null for none. */
export type Then = (task: SubmittedTask, context: DecisionContext) => TaskCommand | null;

/** `lost`: nobody took it, and trying longer is in vain. */
type Delivery = Executed | { readonly kind: 'unstorable'; readonly error: unknown } | { readonly kind: 'lost' };

/** Between two attempts to hand a result to a store that does not answer. */
const AGAIN_MS = 1_000;
/** How long a process that was told to stop goes on trying. */
const STOPPING_MS = 10_000;

/** Brings the results of this process's jobs into the log, or has their task held: none is done again for want of that. */
export class HandOver {
  /** Monotonic. */
  private endsAt = Infinity;

  constructor(private readonly deps: HandOverDeps) {}

  /** From now on a store that does not answer is not waited for as long. */
  stop(): void {
    this.endsAt = Math.min(this.endsAt, this.deps.clock.monotonic() + STOPPING_MS);
  }

  /** @returns the task with the result; null when it did not get into the log, and was told or will be missed. */
  async deliver(
    id: TaskId,
    outcome: OutcomeCommand,
    run: ActiveRun,
    project: Project,
    then: Then,
  ): Promise<SubmittedTask | null> {
    const done = await this.send(id, outcome, run, project, 'outcome', then);
    switch (done.kind) {
      case 'accepted':
        return done.task;
      case 'rejected':
        if (done.reason === 'stale-claim') await this.refuse(id, run, project, outcome);
        else
          await this.fail(id, run, project, outcomeOfBroken(run.claim, `${outcome.type}: ${done.detail}`), done.detail);
        return null;
      case 'unstorable':
        await this.failUnstorable(id, run, project, outcome, done.error);
        return null;
      case 'nothing':
      case 'lost':
        return null;
    }
  }

  private failUnstorable(id: TaskId, run: ActiveRun, project: Project, outcome: OutcomeCommand, error: unknown) {
    const instead =
      error instanceof EventRefused
        ? outcomeOfUnstorable(run.claim, error.code, outcome.type)
        : outcomeOfBroken(run.claim, `${outcome.type}: ${String(error)}`);
    return this.fail(id, run, project, instead, String(error));
  }

  /** The decider or the store refuses the result of the open claim: what stands here instead has the task held. */
  private async fail(
    id: TaskId,
    run: ActiveRun,
    project: Project,
    instead: OutcomeCommand,
    detail: string,
  ): Promise<void> {
    const about = { task: id, claim: run.claim.token };
    this.deps.logger.error('a result was refused', { ...about, detail });
    // Under an id of its own: the refused one's may be what is wrong.
    const done = await this.send(id, instead, run, project, 'refused-result', () => null);
    if (done.kind === 'unstorable')
      this.deps.logger.error('a task could not be held', { ...about, error: String(done.error) });
  }

  /** Tries until the store answers or the claim's time is over; the same command id makes that one command. */
  private async send(
    id: TaskId,
    outcome: OutcomeCommand,
    run: ActiveRun,
    project: Project,
    name: string,
    then: Then,
  ): Promise<Delivery> {
    const { executor, clock, contextOf, logger } = this.deps;
    const options = { commandId: `${run.claim.claimId}:${name}`, attempts: OWNER_ATTEMPTS, then };
    let isUncertain = false;
    for (;;) {
      try {
        const done = await executor.execute(id, outcome, contextOf(project), options);
        // An earlier try may have been stored: then it was us who closed the claim, and nothing is to be refused.
        return isUncertain && done.kind === 'rejected' ? { kind: 'lost' } : done;
      } catch (error) {
        if (isFinal(error)) return { kind: 'unstorable', error };
        if (error instanceof StoreClosed || clock.monotonic() > Math.min(run.endsAt, this.endsAt)) {
          logger.error('a result could not be handed over', { task: id, claim: run.claim.token, error: String(error) });
          return { kind: 'lost' };
        }
        isUncertain = true;
        await sleep(clock, AGAIN_MS);
      }
    }
  }

  /** The claim was taken away meanwhile. What we found out changes nothing; that we came late is worth knowing. */
  private async refuse(id: TaskId, run: ActiveRun, project: Project, outcome: OutcomeCommand): Promise<void> {
    if (outcome.type === 'ReleaseClaim') return;
    const { token, runId, worker, claimId } = run.claim;
    const data = { claim: token, runId, worker, refused: outcome.type };
    try {
      await this.deps.executor.execute(id, { type: 'RefuseStaleResult', data }, this.deps.contextOf(project), {
        commandId: `${claimId}:refused`,
      });
    } catch (error) {
      // An annotation only: the refusal itself already happened, so a store that does not answer costs a log line.
      this.deps.logger.warn('a stale result could not be noted', { task: id, claim: token, error: String(error) });
    }
  }
}

/** The same again ends the same: the store refuses for good, or the fault is in the program. */
function isFinal(error: unknown): boolean {
  return error instanceof EventRefused || !(error instanceof InfrastructureError);
}
