import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Replica } from '../chaos/replica';

const SAMPLE_EVERY_MS = 5_000;
/** Start-up, first pages and compiled code do not count. */
const WARM_SHARE = 0.25;
/** Of the median of the later part over that of the part before. */
export const MOST_GROWTH = 1.15;

export interface MemoryUse {
  readonly replica: string;
  /** Megabytes of resident memory: medians of the second quarter and of the last one, and the most. */
  readonly early: number;
  readonly late: number;
  readonly most: number;
}

/** Resident memory of each replica, as the kernel counts it. */
export class Memory {
  private readonly samples = new Map<string, number[]>();

  constructor(private readonly replicas: readonly Replica[]) {}

  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const { name, pid } of this.replicas) {
        if (pid !== null) this.samples.set(name, [...(this.samples.get(name) ?? []), residentMb(pid)]);
      }
      await delay(SAMPLE_EVERY_MS, undefined, { signal }).catch(() => undefined); // Told to end.
    }
  }

  use(): readonly MemoryUse[] {
    return [...this.samples].map(([replica, all]) => {
      const quarter = Math.floor(all.length * WARM_SHARE);
      const [early, late] = [median(all.slice(quarter, 2 * quarter)), median(all.slice(-quarter))];
      return { replica, early, late, most: Math.max(...all) };
    });
  }
}

function residentMb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb) / 1_024;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
