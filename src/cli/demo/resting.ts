import type { Step } from '../../domain/task/next/step';
import type { SubmittedTask } from '../../domain/task/task.state';

/** Tasks that have ended or wait for somebody, as a conductor sees them. */
export class Resting {
  private readonly tasks = new Map<string, SubmittedTask>();
  private readonly waiting = new Set<() => void>();

  readonly observe = (task: SubmittedTask, step: Step): void => {
    if (isRest(step)) this.tasks.set(task.id, task);
    else this.tasks.delete(task.id);
    for (const look of this.waiting) look();
  };

  /** They are about to go on: what was seen of them before is not how they rest. */
  forget(ids: readonly string[]): void {
    for (const id of ids) this.tasks.delete(id);
  }

  /** Resolves when all of these rest at the same time. */
  all(ids: readonly string[]): Promise<readonly SubmittedTask[]> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = ids.flatMap((id) => this.tasks.get(id) ?? []);
        if (found.length < ids.length) return;
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
      look();
    });
  }
}

/** What waits for somebody outside, as for CI, goes on without anybody in the demo: that one is played as well. */
function isRest({ kind, why }: Step): boolean {
  return kind === 'finished' || (kind === 'await' && why.actor !== 'outside');
}
