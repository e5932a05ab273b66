import type { Instant } from '../../domain/instant';
import type { TaskId } from '../../domain/ids';
import type { Step } from '../../domain/task/next/step';
import type { Stage } from '../../domain/task/pipeline';
import type { SubmittedTask } from '../../domain/task/task.state';

/** Where an open task stood, and why, when this process last looked at it. */
export interface Standing {
  readonly project: string;
  readonly stage: Stage;
  /** A code of `why`; `running` while its job runs here. */
  readonly reason: string;
  readonly stageSince: Instant;
}

/** What this process knows of all open tasks without reading anything: it looks at each of them anyway. */
export class Standings {
  private readonly open = new Map<TaskId, Standing>();

  see({ id, project, stage, stageSince }: SubmittedTask, step: Pick<Step, 'kind' | 'why'>): void {
    if (step.kind === 'finished') this.open.delete(id);
    else this.open.set(id, { project, stage, stageSince, reason: step.why.code });
  }

  seeRunning({ id, project, stage, stageSince }: SubmittedTask): void {
    this.open.set(id, { project, stage, stageSince, reason: 'running' });
  }

  all(): Iterable<Standing> {
    return this.open.values();
  }
}
