import type { Kysely } from 'kysely';
import type { Cancel, Clock } from '../../application/ports/clock';
import { StoreBusy } from '../../application/ports/event-store';
import type { PastSnapshot } from './past-snapshot';

/** Snapshots that are kept, the ones in the making among them. */
const KEPT = 4;
/** Requests that may wait for others' snapshots to be made. */
const MOST_WAITING = 8;
/** After this time without a request nobody is likely to ask again. */
const IDLE_MS = 300_000;

interface Entry {
  readonly key: string;
  readonly made: Promise<PastSnapshot>;
  users: number;
  isDropped: boolean;
}

export interface SnapshotMaker {
  readonly clock: Clock;
  readonly openScratch: () => Kysely<unknown>;
  readonly fold: (db: Kysely<unknown>) => Promise<PastSnapshot>;
  readonly isUsable: (snapshot: PastSnapshot) => Promise<boolean>;
}

/** Keeps the snapshots that were asked for last, and closes each when nobody reads it any more. */
export class PastCache {
  /** In the order of their last use. */
  private readonly entries = new Map<string, Entry>();
  private readonly closing = new Set<Promise<void>>();
  private folding: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  private cancelIdle: Cancel = () => undefined;

  /** @param key equal for equal places. @throws StoreBusy when too many ask for different ones at once. */
  async use<T>(key: string, maker: SnapshotMaker, work: (snapshot: PastSnapshot) => Promise<T>): Promise<T> {
    const entry = await this.take(key, maker);
    try {
      return await work(await entry.made);
    } finally {
      this.giveBack(entry);
      this.dropWhenIdle(maker.clock);
    }
  }

  async close(): Promise<void> {
    this.cancelIdle();
    this.dropAll();
    await Promise.all(this.closing);
  }

  private async take(key: string, maker: SnapshotMaker): Promise<Entry> {
    for (;;) {
      const known = this.entries.get(key);
      const entry = known ?? this.add(key, maker);
      entry.users += 1;
      if (!known || (await isUsable(entry, maker))) {
        if (this.entries.delete(key)) this.entries.set(key, entry);
        return entry;
      }
      this.drop(entry);
      this.giveBack(entry);
    }
  }

  private add(key: string, maker: SnapshotMaker): Entry {
    if (this.waiting === MOST_WAITING) {
      const message = `expected at most ${MOST_WAITING} requests for the past at once, saw more; try again`;
      throw new StoreBusy('PAST_BUSY', message);
    }
    const entry: Entry = { key, made: this.make(maker), users: 0, isDropped: false };
    this.entries.set(key, entry);
    const [oldest] = this.entries.values();
    if (this.entries.size > KEPT && oldest) this.drop(oldest);
    return entry;
  }

  /** One after the other: several at once would only make each other slower. */
  private make({ openScratch, fold }: SnapshotMaker): Promise<PastSnapshot> {
    this.waiting += 1;
    const made = this.folding.then(async () => {
      const db = openScratch();
      try {
        return await fold(db);
      } catch (error) {
        await db.destroy();
        throw error;
      }
    });
    const done = () => {
      this.waiting -= 1;
    };
    this.folding = made.then(done, done);
    return made;
  }

  private giveBack(entry: Entry): void {
    entry.users -= 1;
    this.closeIfUnused(entry);
  }

  private drop(entry: Entry): void {
    if (this.entries.get(entry.key) === entry) this.entries.delete(entry.key);
    entry.isDropped = true;
    this.closeIfUnused(entry);
  }

  private closeIfUnused(entry: Entry): void {
    if (!entry.isDropped || entry.users > 0) return;
    // A snapshot that could not be made has closed its database itself.
    const closed = entry.made.then(({ db }) => db.destroy()).catch(() => undefined);
    this.closing.add(closed);
    void closed.then(() => this.closing.delete(closed));
  }

  private dropWhenIdle(clock: Clock): void {
    this.cancelIdle();
    this.cancelIdle = clock.after(IDLE_MS, () => {
      this.dropAll();
    });
  }

  private dropAll(): void {
    for (const entry of [...this.entries.values()]) this.drop(entry);
  }
}

async function isUsable(entry: Entry, maker: SnapshotMaker): Promise<boolean> {
  try {
    return await maker.isUsable(await entry.made);
  } catch {
    // Whoever asked for it first has been told what was wrong; this one tries anew.
    return false;
  }
}
