import { damageText, type Damage } from '../domain/damage';
import { isWithin, type ProjectScope } from '../domain/authority/principal';
import { projectOfStream, taskStream, type TaskId } from '../domain/ids';
import type { SubmittedTask } from '../domain/task/task.state';
import { checkStream } from './audit/record-check';
import type { EventStore } from './ports/event-store';
import type { Hasher } from './ports/ids';
import type { Logger } from './ports/logger';
import { TaskRepository } from './task-repository';

/** More than that is a log that is damaged as a whole; the rest of it is found by who looks for it. */
const MOST_KNOWN = 1_000;

export interface KnownDamageDeps {
  readonly store: EventStore;
  /** Null where nobody has to look at the hashes. */
  readonly hasher: Hasher | null;
  readonly logger: Logger;
}

/** What somebody may know of it. */
export type SeenDamage = Pick<KnownDamage, 'all' | 'of' | 'check' | 'checkTask'>;

/** The streams that this process has found it cannot rely on, each said once. */
export class KnownDamage {
  private readonly streams = new Map<string, Damage>();

  constructor(private readonly deps: KnownDamageDeps) {}

  note(damage: Damage): void {
    const isKnown = this.streams.get(damage.stream)?.revision === damage.revision;
    if (isKnown || this.streams.size === MOST_KNOWN) return;
    this.streams.set(damage.stream, damage);
    this.deps.logger.error('an event does not fit; its stream is left alone', { detail: damageText(damage) });
  }

  all(): readonly Damage[] {
    return [...this.streams.values()];
  }

  of(stream: string): Damage | null {
    return this.streams.get(stream) ?? null;
  }

  /** The same to somebody who sees some projects: nothing else is looked at, so not even the time that takes tells of it. */
  within(scope: ProjectScope): SeenDamage {
    if (scope === '*') return this;
    const isSeen = (stream: string) => isWithin(scope, projectOfStream(stream) ?? '');
    return {
      all: () => this.all().filter(({ stream }) => isSeen(stream)),
      of: (stream) => (isSeen(stream) ? this.of(stream) : null),
      check: (stream) => (isSeen(stream) ? this.check(stream) : Promise.resolve(null)),
      checkTask: (id) => (isSeen(taskStream(id)) ? this.checkTask(id) : Promise.resolve(null)),
    };
  }

  /**
   * Reads the whole stream of a task: what a read model has of it may be from before somebody changed it, or from after.
   *
   * @returns the task as far as it can be relied on; null when all of it can, or there is none.
   */
  async checkTask(id: TaskId): Promise<SubmittedTask | null> {
    const { store, hasher } = this.deps;
    if (!(await this.check(taskStream(id)))) return null;
    const { state: task } = await new TaskRepository(store, hasher ? { hasher } : {}).load(id);
    return task.kind === 'submitted' ? task : null;
  }

  /** Reads a whole stream. */
  async check(stream: string): Promise<Damage | null> {
    const { store, hasher } = this.deps;
    const damage = await checkStream(store, hasher, stream);
    if (damage) this.note(damage);
    return damage;
  }
}
