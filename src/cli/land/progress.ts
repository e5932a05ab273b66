import type { Cancel, Clock } from '../../application/ports/clock';
import { jobName } from '../../domain/task/job';
import type { OpenClaim } from '../../domain/task/task.state';
import type { Output } from '../output';

/** Often enough for eyes, seldom enough for the machine. */
export const STATUS_EVERY_MS = 500;
/** Where every look is a line that stays. */
export const LINE_EVERY_MS = 30_000;

interface ProgressDeps {
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  readonly output: Pick<Output, 'isJson' | 'status' | 'note'>;
  /** What a run has printed last; null where it has printed nothing. */
  readonly lastLine: (runId: string) => Promise<string | null>;
}

/** Says what is under way, for how long, and what it has printed last. Machines get events; they have no use for it. */
export class Progress {
  private claim: OpenClaim | null = null;
  private since = 0;
  private cancel: Cancel | null = null;
  private isOver = false;

  constructor(private readonly deps: ProgressDeps) {}

  /** @param claim the job that runs now; null where none does. */
  at(claim: OpenClaim | null): void {
    if (this.isOver || claim?.token === this.claim?.token || this.deps.output.isJson) return;
    this.clear();
    this.claim = claim;
    this.since = this.deps.clock.monotonic();
    if (claim) this.wait(claim);
  }

  /** For good, whatever may still be seen of the task. */
  stop(): void {
    this.isOver = true;
    this.clear();
  }

  private clear(): void {
    this.cancel?.();
    this.cancel = null;
    this.claim = null;
    this.deps.output.status?.hide();
  }

  private wait(claim: OpenClaim): void {
    const everyMs = this.deps.output.status ? STATUS_EVERY_MS : LINE_EVERY_MS;
    this.cancel = this.deps.clock.after(everyMs, () => void this.say(claim));
  }

  private async say(claim: OpenClaim): Promise<void> {
    const { clock, output, lastLine } = this.deps;
    const last = await lastLine(claim.runId);
    // It may have ended while the file was read.
    if (this.claim?.token !== claim.token) return;
    const elapsed = elapsedText(clock.monotonic() - this.since);
    const parts = [jobName(claim.job), elapsed, ...(last === null ? [] : [last])];
    if (output.status) output.status.show(parts.join('  '));
    else output.note(`${parts.slice(0, 2).join(' has run for ')}${last === null ? '' : `: ${last}`}`);
    this.wait(claim);
  }
}

/** `7 s`, `12 min 7 s`. */
function elapsedText(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}
