import type Database from 'libsql';
import { retryBusy } from '../../sqlite/retry-busy';
import type { AppendDecision } from '../append-decision';
import type { BatchWriter } from '../commit-queue';
import type { SqliteRows } from './sqlite-rows';
import type { ValidAppend } from '../validate-append';

/** What one append can do to its transaction, as opposed to the machine. */
const OF_ONE_APPEND = /^SQLITE_(CONSTRAINT|TOOBIG|MISMATCH|RANGE)/;

/** Batches in write transactions: the transaction is the compare-and-set between processes. */
export class SqliteBatches implements BatchWriter {
  constructor(
    private readonly database: Database.Database,
    private readonly rows: SqliteRows,
    private readonly demandInPlace: () => void,
  ) {}

  /** Takes the write lock; waiting for it is off the event loop. */
  async prepare(): Promise<void> {
    await retryBusy(() => this.database.exec('begin immediate'), 'event store');
  }

  commit(batch: readonly ValidAppend[]): readonly AppendDecision[] {
    try {
      const now = Date.now();
      const decisions = batch.map((append) => this.rows.append(append, now));
      this.database.exec('commit');
      // Nobody is told that something is stored which is in a file without a name.
      this.demandInPlace();
      return decisions;
    } catch (error) {
      // A full disk has ended the transaction already; a second error would hide the first.
      if (this.database.inTransaction) this.database.exec('rollback');
      throw error;
    }
  }

  mayBeOneOfMany(error: unknown): boolean {
    return OF_ONE_APPEND.test(String((error as { code?: unknown }).code));
  }
}
