import type { TaskId } from '../../domain/ids';
import { CLAIM_MARGIN_MS, maxDurationMs } from '../../domain/task/job';
import { shadowOf, type ShadowJob } from '../../domain/task/shadow';
import type { OpenClaim, SubmittedTask } from '../../domain/task/task.state';
import { OWNER_ATTEMPTS, type ContextOf, type TaskExecutor } from '../execute-task';
import type { Clock } from '../ports/clock';
import type { FetchedHeads } from '../ports/git-workspace';
import type { Logger } from '../ports/logger';
import type { Project, Projects } from '../projects';
import type { Sagas } from '../sagas/sagas';

export interface ShadowsDeps {
  readonly executor: TaskExecutor;
  readonly sagas: Sagas;
  readonly projects: Projects;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly contextOf: (project: Project) => ContextOf;
}

/** The run of an agent that something is to run beside. */
export interface Accompanied {
  readonly task: SubmittedTask;
  readonly claim: OpenClaim;
  readonly project: Project;
  readonly heads: FetchedHeads;
}

interface ActiveShadow {
  readonly task: TaskId;
  readonly headOid: string;
  /** Revision of the claim: an older state knows nothing about it. */
  readonly since: bigint;
  readonly controller: AbortController;
}

/** As many as suites of one kind run at once by default. What is beyond waits: nobody waits for it. */
const SHADOWS_AT_ONCE = 2;

/**
 * Suites that run beside agents. They belong to no claim: an agent's result is handed over when the agent is done, and what its
 * shadow says comes when it comes. So a task goes the same way, at the same time, with a shadow and without one.
 */
export class Shadows {
  /** By task and stage. */
  private readonly active = new Map<string, ActiveShadow>();
  private readonly finishing = new Set<Promise<void>>();
  private readonly waiting: (() => void)[] = [];
  private free = SHADOWS_AT_ONCE;
  private stopping = false;

  constructor(private readonly deps: ShadowsDeps) {}

  /** Begins what is wanted beside this run; nothing, while the same is under way for an earlier try of the agent. */
  begin(beside: Accompanied): void {
    const { task, claim, project, heads } = beside;
    const { projects } = this.deps;
    const shadow = shadowOf(task, claim, project.policy, projects.switches(project.policy.project));
    const key = `${task.id} ${claim.stage}`;
    const before = this.active.get(key);
    if (this.stopping || !shadow || before?.headOid === heads.headOid) return;
    before?.controller.abort();
    const since = BigInt(claim.token);
    const active = { task: task.id, headOid: heads.headOid, since, controller: new AbortController() };
    this.active.set(key, active);
    const finished = this.inTurn(() => this.run(beside, shadow, active.controller)).finally(() => {
      if (this.active.get(key) === active) this.active.delete(key);
      this.finishing.delete(finished);
    });
    this.finishing.add(finished);
  }

  /** Stops what is about a task that was called off, or about a commit that its branch has left. */
  see({ id, stage, headOid, revision }: SubmittedTask): void {
    for (const { task, since, headOid: mine, controller } of this.active.values())
      if (task === id && revision >= since && (stage === 'cancelled' || mine !== headOid)) controller.abort();
  }

  /** Ends all of them. What they would have said is not known then, and nothing is recorded. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const { controller } of this.active.values()) controller.abort();
    await Promise.all(this.finishing);
  }

  private async inTurn(work: () => Promise<void>): Promise<void> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }

  private async run(
    { task, claim, project, heads }: Accompanied,
    shadow: ShadowJob,
    controller: AbortController,
  ): Promise<void> {
    const { sagas, projects, clock, executor, contextOf, logger } = this.deps;
    const limit = clock.after(maxDurationMs(shadow, project.policy) + CLAIM_MARGIN_MS, () => {
      controller.abort();
    });
    try {
      const switches = () => projects.switches(project.policy.project);
      const command = await sagas.shadow({ claim, project, heads, shadow, switches, signal: controller.signal });
      if (!command) return;
      await executor.execute(task.id, command, contextOf(project), {
        commandId: `${claim.claimId}:shadow`,
        attempts: OWNER_ATTEMPTS,
      });
    } catch (error) {
      // Nobody waits for it, and nothing depends on it: it is missing where the two are compared.
      logger.warn('a shadow run left no result', { task: task.id, stage: claim.stage, error: String(error) });
    } finally {
      limit();
    }
  }
}
