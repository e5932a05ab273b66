import type { Revision } from '../domain/fact';
import { taskStream, type TaskId } from '../domain/ids';
import { evolve } from '../domain/task/evolve';
import type { Damage } from '../domain/damage';
import { initialTask, type Task } from '../domain/task/task.state';
import { CHAIN_START } from './envelope';
import type { EventStore, StoredEvent } from './ports/event-store';
import type { Hasher } from './ports/ids';
import { chainIn, inChain, readTaskEvent, whenOf } from './read-events';
import { readPage } from './read-page';

export interface LoadedTask {
  readonly task: Task;
  /** Chain hash of the last event. */
  readonly chain: string;
  readonly lastEventId: string;
}

const PAGE = 500;
/** States kept in memory. A stale entry costs a refused append and a read, never a wrong decision. */
const CACHED_TASKS = 2_000;
/** Of a stream nobody has read yet. */
export const NOTHING_LOADED: LoadedTask = { task: initialTask(), chain: CHAIN_START, lastEventId: '' };

export interface TaskLogOptions {
  /** Without one, nobody looks whether events carry the hash that they should. */
  readonly hasher?: Hasher;
  /** Told of every stream that cannot be relied on, as often as it is read. */
  readonly onDamage?: (damage: Damage) => void;
}

/** Reads tasks by folding their streams, and remembers where it stopped. */
export class TaskLog {
  private readonly cache = new Map<TaskId, LoadedTask>();

  constructor(
    private readonly store: EventStore,
    private readonly options: TaskLogOptions = {},
  ) {}

  /** The remembered state, without looking whether the stream went on. */
  async recall(id: TaskId): Promise<LoadedTask> {
    return this.cache.get(id) ?? (await this.load(id));
  }

  /** The remembered state; one that is not remembered is taken for new. */
  presume(id: TaskId): LoadedTask {
    return this.cache.get(id) ?? NOTHING_LOADED;
  }

  /** A state at least as new as the event of that revision: the remembered one where it is, else the one as of now. */
  async asOf(id: TaskId, revision: Revision): Promise<LoadedTask> {
    const known = this.cache.get(id);
    const isNewEnough = known !== undefined && known.task.revision !== 'no-stream' && known.task.revision >= revision;
    return isNewEnough ? known : this.load(id);
  }

  /** The state as of now. */
  async load(id: TaskId): Promise<LoadedTask> {
    let loaded = this.cache.get(id) ?? NOTHING_LOADED;
    for (;;) {
      const from = loaded.task.revision === 'no-stream' ? 0n : loaded.task.revision + 1n;
      const page = await readPage(this.store, taskStream(id), from, PAGE);
      loaded = this.foldAll(loaded, page);
      if (page.length < PAGE) break;
    }
    this.remember(id, loaded);
    return loaded;
  }

  /** Takes an event that came over a subscription: a remembered state that ends right before it goes on with it. */
  observe(id: TaskId, stored: StoredEvent): void {
    const known = this.cache.get(id);
    if (!known || known.task.revision === 'no-stream' || known.task.revision + 1n !== stored.revision) return;
    this.remember(id, this.foldAll(known, [stored]));
  }

  remember(id: TaskId, loaded: LoadedTask): void {
    this.cache.delete(id);
    if (loaded.task.kind === 'unknown') return;
    this.cache.set(id, loaded);
    const oldest = this.cache.size > CACHED_TASKS ? this.cache.keys().next() : null;
    if (oldest && !oldest.done) this.cache.delete(oldest.value);
  }

  forget(id: TaskId): void {
    this.cache.delete(id);
  }

  private foldAll(loaded: LoadedTask, events: readonly StoredEvent[]): LoadedTask {
    const { hasher = null, onDamage } = this.options;
    const after = events.reduce((before, stored) => foldChained(before, stored, hasher), loaded);
    if (after.task.kind === 'submitted' && after.task.damage) onDamage?.(after.task.damage);
    return after;
  }
}

export function foldStored(loaded: LoadedTask, stored: StoredEvent): LoadedTask {
  return foldChained(loaded, stored, null);
}

/** @param hasher null where nobody has to look at the hashes. */
function foldChained(loaded: LoadedTask, stored: StoredEvent, hasher: Hasher | null): LoadedTask {
  const { task, chain } = loaded;
  const event = inChain(readTaskEvent(stored), stored, { revision: task.revision, chain }, hasher);
  return { task: evolve(task, event, whenOf(stored)), chain: chainIn(stored), lastEventId: stored.id };
}
