import { setTimeout as delay } from 'node:timers/promises';
import type { StoredEvent } from '../../src/application/ports/event-store';
import { taskStream } from '../../src/domain/ids';
import type { Requests } from '../chaos/requests';
import type { Tail } from '../chaos/tail';
import type { Random } from '../simulation/random';
import { ODD_FATES, oddEnd, type OddFate } from './odd-fates';
import type { OddProjects } from './odd-projects';

const MOST_OPEN = 3;
const PAUSE_MS = 1_000;
const AGAIN_MS = 300;
/** Far above what the slowest takes beside everything else. */
const END_WITHIN_MS = 180_000;

interface OddTask {
  readonly id: string;
  readonly fate: OddFate;
  readonly submittedAt: number;
}

/** Submits odd branches, each kind in turn, waits until each has come to a person, and cancels it there. */
export class OddTasks {
  readonly counts = Object.fromEntries(ODD_FATES.map((fate) => [fate, 0])) as Record<OddFate, number>;
  /** Tasks that came to a person in another way than theirs, or not in time. */
  readonly wrongEnds: string[] = [];
  private readonly open = new Map<string, OddTask>();
  private submitted = 0;

  constructor(
    private readonly projects: OddProjects,
    private readonly requests: Requests,
    private readonly tail: Tail,
    private readonly random: Random,
  ) {}

  async live(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.open.size < MOST_OPEN) await this.submit();
      await this.cancelEnded();
      await delay(PAUSE_MS * this.random.between(0.3, 1.7));
    }
  }

  /** Waits for those that are still open. */
  async finish(): Promise<void> {
    while (this.open.size > 0) {
      await this.cancelEnded();
      await delay(AGAIN_MS);
    }
  }

  private async submit(): Promise<void> {
    const fate = ODD_FATES[this.submitted % ODD_FATES.length] as OddFate;
    const key = `${fate}-${(this.submitted += 1)}`;
    const { project, ...body } = this.projects.push(key, fate);
    const id = `${project}.${key}`;
    await this.untilAnswered('submit', id, { ...body, project, id: key });
    this.open.set(id, { id, fate, submittedAt: performance.now() });
  }

  private async cancelEnded(): Promise<void> {
    for (const task of [...this.open.values()]) {
      const end = lastStop(this.tail.events, task.id);
      const isLate = performance.now() - task.submittedAt > END_WITHIN_MS;
      if (end === null && !isLate) continue;
      this.judge(task, end);
      this.open.delete(task.id);
      await this.untilAnswered('cancel', task.id);
    }
  }

  private judge({ id, fate }: OddTask, end: StoredEvent | null): void {
    const expected = oddEnd(fate);
    const { reason } = (end?.data ?? {}) as { reason?: string };
    const isRight = end?.type === expected.type && (expected.reason === undefined || expected.reason === reason);
    if (isRight) this.counts[fate] += 1;
    else this.wrongEnds.push(`${id}: expected ${expected.type} ${expected.reason ?? ''}, saw ${end?.type} ${reason}`);
  }

  private async untilAnswered(
    what: 'submit' | 'cancel',
    task: string,
    body: Record<string, unknown> = {},
  ): Promise<void> {
    while ((await this.requests.send({ what, task, mark: `${what}-${task}`, body })) === 'none') await delay(AGAIN_MS);
  }
}

/** The event by which a task came to a person. */
function lastStop(events: readonly StoredEvent[], id: string): StoredEvent | null {
  const stream = taskStream(id);
  return events.findLast((event) => event.stream === stream && /^(StageRolledBack|TaskHeld)$/.test(event.type)) ?? null;
}
