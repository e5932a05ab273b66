import type { Position, ReadAllPage, StoredEvent } from '../../src/application/ports/event-store';
import { TASK_STREAM_PREFIX } from '../../src/domain/ids';
import { PostgresEventStore } from '../../src/infrastructure/event-stores/postgres/postgres-event-store';
import { Reachability } from '../../src/infrastructure/event-stores/reachability';
import { QuietLogger } from '../support/quiet-logger';

const PAGE = 1_000;

/** Follows the log through all faults, as a read model does, and remembers all it was told. */
export class Tail {
  readonly events: StoredEvent[] = [];
  private readonly store: PostgresEventStore;
  private readonly stopping = new AbortController();
  private readonly done: Promise<void>;
  private readonly open = new Set<string>();

  constructor(url: string) {
    this.store = new PostgresEventStore(url, new Reachability(new QuietLogger()));
    const { done } = this.store.subscribe({
      after: 'start',
      prefixes: [''],
      onPage: (events) => {
        for (const event of events) this.take(event);
      },
      signal: this.stopping.signal,
    });
    this.done = done;
  }

  /** Tasks that have not come to their end, of one project or of all. */
  openTasks(project = ''): readonly string[] {
    const prefix = project === '' ? '' : `${project}.`;
    return [...this.open].filter((task) => task.startsWith(prefix));
  }

  /** The log as it is, read anew. */
  async readAll(): Promise<readonly StoredEvent[]> {
    const events: StoredEvent[] = [];
    for (let after: Position | undefined; ;) {
      const page: ReadAllPage = await this.store.readAll({ ...(after && { after }), prefixes: [''], limit: PAGE });
      events.push(...page.events);
      if (page.end) return events;
      after = page.next;
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.done;
    await this.store.close();
  }

  private take(event: StoredEvent): void {
    this.events.push(event);
    if (!event.stream.startsWith(TASK_STREAM_PREFIX)) return;
    const task = event.stream.slice(TASK_STREAM_PREFIX.length);
    const isEnd =
      /^Task(Cancelled|Rejected)$/.test(event.type) || (event.type === 'StageAdvanced' && event.data['to'] === 'done');
    if (event.type === 'TaskSubmitted') this.open.add(task);
    if (isEnd) this.open.delete(task);
  }
}
