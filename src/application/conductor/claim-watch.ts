import type { TaskId } from '../../domain/ids';
import type { OpenClaim, SubmittedTask, Task } from '../../domain/task/task.state';
import type { Cancel, Clock } from '../ports/clock';
import type { WorkerHost } from '../ports/worker-host';

interface Seen {
  /** The claim, and its deadline: a heartbeat begins the watch anew. */
  readonly what: string;
  readonly worker: string;
  /** Monotonic. */
  readonly since: number;
}

/** How often the processes of this host whose claims are open are looked for: a look at /proc each, and nothing else. */
export const NEIGHBOUR_CHECK_MS = 1_000;

/**
 * The claims of other processes, as long as this one has seen them open. Their deadlines are of the wall clock, which may be
 * set back; how long one has been watched is not. And a process of this host that dies tells nobody: its pid does.
 */
export class ClaimWatch {
  private readonly seen = new Map<TaskId, Seen>();
  private next: Cancel | null = null;

  /** @param onDead called for each task whose claim was left by a process that is provably gone. */
  constructor(
    private readonly deps: { clock: Clock; host: WorkerHost },
    private readonly onDead: (task: TaskId) => void,
  ) {}

  see({ id, claim }: SubmittedTask): void {
    const { clock, host } = this.deps;
    if (!claim || claim.worker === host.self) {
      this.seen.delete(id);
      return;
    }
    const what = watched(claim);
    if (this.seen.get(id)?.what === what) return;
    this.seen.set(id, { what, worker: claim.worker, since: clock.monotonic() });
    this.next ??= clock.after(NEIGHBOUR_CHECK_MS, () => {
      this.check();
    });
  }

  /** For how long the task's claim has been seen open; 0 for one that has not been seen. */
  watchedMs(task: Task): number {
    if (task.kind === 'unknown' || !task.claim) return 0;
    const seen = this.seen.get(task.id);
    return seen?.what === watched(task.claim) ? this.deps.clock.monotonic() - seen.since : 0;
  }

  stop(): void {
    this.next?.();
    this.seen.clear();
  }

  private check(): void {
    const { clock, host } = this.deps;
    this.next = null;
    if (this.seen.size === 0) return;
    this.next = clock.after(NEIGHBOUR_CHECK_MS, () => {
      this.check();
    });
    const workers = new Set([...this.seen.values()].map(({ worker }) => worker));
    const dead = new Set([...workers].filter((worker) => host.isProvablyDead(worker)));
    for (const [task, { worker }] of this.seen) if (dead.has(worker)) this.onDead(task);
  }
}

function watched({ token, deadlineAt }: OpenClaim): string {
  return `${token} ${deadlineAt}`;
}
