import type Database from 'libsql';
import type { ExpectedRevision } from '../../../domain/fact';
import {
  EventStore,
  StoreClosed,
  type AppendOptions,
  type AppendResult,
  type NewEvent,
  type Position,
  type ReadAllPage,
  type ReadStreamOptions,
  type StoredEvent,
  type StoreInfo,
  type SubscribeOptions,
  type Subscription,
} from '../../../application/ports/event-store';
import { InPlace } from '../../system/in-place';
import { retryBusy } from '../../sqlite/retry-busy';
import { answer } from '../append-decision';
import { CommitQueue } from '../commit-queue';
import { follow, StoreGrowth, type ReadOn } from '../follow';
import { RecentEvents } from '../recent-events';
import { SqliteBatches } from './sqlite-batches';
import { storeError, unavailable } from './sqlite-errors';
import { closeSqliteFile, openSqliteFile } from './sqlite-file';
import { SqliteRows } from './sqlite-rows';
import { rangeOf } from '../stream-range';
import { validateAppend } from '../validate-append';

/** How often a process looks whether another one has written. Costs one read of the file's header. */
const POLL_MS = 100;
/** Most rows looked at per page of a read; several pages make one answer. */
const SCAN = 500;
const START: Position = { commit: 0n, prepare: 0n };

/** @throws StoreUnavailable, StoreCorrupt */
export async function openSqliteEventStore(path: string): Promise<SqliteEventStore> {
  return new SqliteEventStore(path, await openSqliteFile(path));
}

/**
 * The embedded store: one file that several processes of a machine may share. The append transaction is the compare-and-set
 * between them; every commit is synced to disk.
 */
export class SqliteEventStore extends EventStore {
  readonly info: StoreInfo = { kind: 'sqlite', durability: 'power-loss' };
  private readonly rows: SqliteRows;
  private readonly commits: CommitQueue;
  private readonly recent = new RecentEvents();
  private readonly growth = new StoreGrowth();
  private readonly closing = new AbortController();
  private readonly following = new Set<Promise<void>>();
  private readonly dataVersion: Database.Statement;
  private readonly files: InPlace;
  private seenVersion: unknown = null;
  private poll: NodeJS.Timeout | null = null;

  constructor(
    private readonly path: string,
    private readonly database: Database.Database,
  ) {
    super();
    this.rows = new SqliteRows(database);
    this.files = new InPlace([path, `${path}-wal`]);
    this.dataVersion = database.prepare('pragma data_version').raw();
    const demandInPlace = () => {
      this.mustBeInPlace();
    };
    this.commits = new CommitQueue(new SqliteBatches(database, this.rows, demandInPlace), (batch, decisions) => {
      this.recent.keep(batch, decisions);
      this.growth.grewHere();
    });
    this.lookForOthers();
  }

  async append(
    stream: string,
    expected: ExpectedRevision,
    events: readonly NewEvent[],
    options?: AppendOptions,
  ): Promise<AppendResult> {
    this.mustBeOpen();
    const append = validateAppend(stream, expected, events, options);
    return answer(append, await this.guarded(() => this.commits.append(append, options)));
  }

  async mustTake(): Promise<void> {
    // Whatever the port lets through.
  }

  async readStream(stream: string, options: ReadStreamOptions): Promise<StoredEvent[]> {
    this.mustBeOpen();
    return this.read(() => this.rows.readStream(stream, rangeOf(options)));
  }

  async readAll({ after, prefixes, limit }: Parameters<EventStore['readAll']>[0]): Promise<ReadAllPage> {
    const events: StoredEvent[] = [];
    let next = after ?? START;
    for (;;) {
      this.mustBeOpen();
      // One more than are wanted, which is how it is known whether more are there.
      const rows = Math.min(SCAN, limit - events.length + 1);
      const page = await this.read(() => this.rows.readPage(next.commit, rows));
      for (const event of page) {
        if (events.length === limit) return { events, next, end: false };
        if (prefixes.some((prefix) => event.stream.startsWith(prefix))) events.push(event);
        next = event.position;
      }
      if (page.length < rows) return { events, next, end: true };
      // A long read must not keep everybody else waiting.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  subscribe(options: SubscribeOptions): Subscription {
    const signal = AbortSignal.any([options.signal, this.closing.signal]);
    const readOn: ReadOn = async (place) => this.recent.pageAfter(place) ?? this.readAll(place);
    const done = follow(readOn, this.growth, { ...options, signal }, START);
    this.following.add(done);
    this.poll ??= setInterval(() => {
      this.lookForOthers();
    }, POLL_MS).unref();
    return { done: done.finally(() => this.following.delete(done)) };
  }

  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    if (this.poll) clearInterval(this.poll);
    await Promise.all(this.following);
    await this.commits.idle();
    closeSqliteFile(this.database);
  }

  /** The version changes when another connection has committed, never by a commit of our own. */
  private lookForOthers(): void {
    let version: unknown;
    try {
      [[version]] = this.dataVersion.all() as [[unknown]];
    } catch {
      // What is wrong with the file its readers will meet too, and they can say so; a timer cannot.
      version = null;
    }
    if (version !== this.seenVersion) {
      this.recent.forget();
      this.growth.grew();
    }
    this.seenVersion = version;
  }

  private read<T>(work: () => T): Promise<T> {
    return this.guarded(() => retryBusy(work, 'event store'));
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      this.mustBeInPlace();
      return await work();
    } catch (error) {
      throw storeError(error, this.path);
    }
  }

  private mustBeInPlace(): void {
    if (this.files.isStill()) return;
    const seen = 'it removed or replaced while it was in use';
    throw unavailable(this.path, 'the event store to stay where it is', seen, 'stop the service and restore the file');
  }

  private mustBeOpen(): void {
    if (this.closing.signal.aborted) throw new StoreClosed('STORE_CLOSED', 'the store is closed');
  }
}
