import { allPids, readStat, type ProcStat } from './proc-table';

/** Processes looked at before others get a turn: about a millisecond of work. */
const SLICE = 50;

/** Lists processes without holding the event loop: in slices, and one scan for all who ask while another is under way. */
export class ProcScanner {
  private running: Promise<unknown> = Promise.resolve();
  private queued: Promise<readonly ProcStat[]> | null = null;

  /** Begins after the call, never before: a process that was alive then and still is, is in it. Never rejects. */
  scan(): Promise<readonly ProcStat[]> {
    this.queued ??= this.next();
    return this.queued;
  }

  private async next(): Promise<readonly ProcStat[]> {
    await this.running;
    const scan = inSlices(allPids(), readStat);
    this.running = scan;
    this.queued = null;
    return (await scan).filter((stat) => stat !== null);
  }
}

/** Maps, and lets the event loop turn after every slice. */
export async function inSlices<T, R>(items: readonly T[], map: (item: T) => R): Promise<R[]> {
  const mapped: R[] = [];
  for (let from = 0; from < items.length; from += SLICE) {
    if (from > 0) await loopTurn();
    mapped.push(...items.slice(from, from + SLICE).map(map));
  }
  return mapped;
}

/** Resolves after the event loop has taken in what was waiting: data, exits, connections. */
export function loopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
