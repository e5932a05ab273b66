import type Database from 'libsql';
import type { ExpectedRevision } from '../../domain/fact';
import type { NewEvent } from '../../application/ports/event-store';
import { retryBusy } from '../sqlite/retry-busy';
import type { AppendDecision, SqliteRows } from './sqlite-rows';

interface Request {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly NewEvent[];
  readonly resolve: (decision: AppendDecision) => void;
  readonly reject: (error: unknown) => void;
}

/** Appends of one commit: more would keep the event loop too long. */
const MOST_PER_COMMIT = 64;

/**
 * One commit, and so one fsync, for all appends that callers of this process have asked for meanwhile; each keeps its own
 * outcome. A lone caller waits for nobody.
 */
export class GroupCommit {
  private readonly waiting: Request[] = [];
  private working: Promise<void> | null = null;

  constructor(
    private readonly database: Database.Database,
    private readonly rows: SqliteRows,
    private readonly onCommitted: () => void,
  ) {}

  append(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): Promise<AppendDecision> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ stream, expected, events, resolve, reject });
      this.working ??= this.work();
    });
  }

  /** Resolves when every append that was asked for has its answer. */
  async idle(): Promise<void> {
    await this.working;
  }

  private async work(): Promise<void> {
    // Callers of the same turn of the event loop come along.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, MOST_PER_COMMIT);
      try {
        const answers = await this.commit(batch);
        batch.forEach(({ resolve }, index) => {
          resolve(answers[index] as AppendDecision);
        });
        this.onCommitted();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.working = null;
  }

  private async commit(batch: readonly Request[]): Promise<readonly AppendDecision[]> {
    await retryBusy(() => this.database.exec('begin immediate'), 'event store');
    try {
      const now = Date.now();
      const answers = batch.map(({ stream, expected, events }) => this.rows.append(stream, expected, events, now));
      this.database.exec('commit');
      return answers;
    } catch (error) {
      this.database.exec('rollback');
      throw error;
    }
  }
}
