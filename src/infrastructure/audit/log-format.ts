import { createHash, type Hash } from 'node:crypto';

/** Raised when a line means something else; a reader takes its own format only. */
export const FORMAT = 1;
export const HEADER = `{"stagegate":"log","format":${FORMAT}}`;

/** What the last line says of the lines between it and the first. */
export interface Totals {
  readonly events: number;
  /** SHA-256 of the lines of all events, each with its line break. */
  readonly sha256: string;
}

export function trailer({ events, sha256 }: Totals): string {
  return `{"stagegate":"end","events":${events},"sha256":"${sha256}"}`;
}

/** Whether a line claims to be the last one. */
export function isTrailer(line: string): boolean {
  return line.startsWith('{"stagegate":"end"');
}

/** Beyond any event, of which data and metadata have 1 MiB at most; nobody's file may fill the memory. */
export const LONGEST_LINE_BYTES = 2 * 1024 * 1024;

/** Counts lines and hashes them. */
export class Tally {
  private readonly hash: Hash = createHash('sha256');
  private count = 0;

  add(line: string): void {
    this.count += 1;
    this.hash.update(line);
    this.hash.update('\n');
  }

  get events(): number {
    return this.count;
  }

  totals(): Totals {
    return { events: this.count, sha256: this.hash.copy().digest('hex') };
  }
}
