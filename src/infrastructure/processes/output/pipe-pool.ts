import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, constants, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../launch/find-program';

const run = promisify(execFile);

/** Pairs made at once: starting a program for each run would cost more than the rest of a launch. */
const BATCH = 8;
/** With fewer than this the next batch is made in the background. */
const LOW = 2;
/** A disk that takes longer than this to make an empty file hangs. */
const MAKE_CAP_MS = 2_000;

/** Names live for milliseconds; one this old is of a process that died meanwhile. */
const STALE_MS = 60_000;
const PREFIX = 'pipe-';

/** File descriptors of both ends. */
export interface Pipe {
  readonly readFd: number;
  readonly writeFd: number;
}

export interface PipePair {
  readonly stdout: Pipe;
  readonly stderr: Pipe;
}

/**
 * Pipes for the output of runs. Node connects its children by sockets, which cannot be opened by their name: in a script
 * `echo … >/dev/stderr` fails then. A named pipe without its name is a pipe, and Node can make that with the help of one
 * small program.
 */
export class PipePool {
  private readonly pairs: PipePair[] = [];
  private making: Promise<boolean> | null = null;

  /** @param dir where the names are for a moment; made when it is not there. */
  constructor(
    private readonly dir: string,
    private readonly path: string | undefined,
  ) {}

  /** @returns null when there is no way to make any here: sockets have to do then. Never rejects. */
  async take(): Promise<PipePair | null> {
    // Others that wait for the same batch may take all of it.
    for (let isMade = true; isMade && this.pairs.length === 0;) isMade = await this.make();
    const pair = this.pairs.shift() ?? null;
    if (pair && this.pairs.length < LOW) void this.make();
    return pair;
  }

  /** @returns false when nothing could be made. */
  private make(): Promise<boolean> {
    this.making ??= this.makeBatch().finally(() => {
      this.making = null;
    });
    return this.making;
  }

  private async makeBatch(): Promise<boolean> {
    const program = findProgram('mkfifo', this.path);
    if (program === null) return false;
    const names = Array.from({ length: 2 * BATCH }, () => join(this.dir, `${PREFIX}${randomUUID()}`));
    try {
      mkdirSync(this.dir, { recursive: true, mode: 0o700 });
      await run(program, ['-m', '600', ...names], { timeout: MAKE_CAP_MS, killSignal: 'SIGKILL', env: {} });
      for (let at = 0; at < names.length; at += 2) this.pairs.push(openPair(names[at] ?? '', names[at + 1] ?? ''));
      return true;
    } catch {
      // No process, no descriptor or no such files to be had: what was made so far is used, then sockets are.
      return this.pairs.length > 0;
    } finally {
      for (const name of names) rmSync(name, { force: true });
    }
  }
}

/** Removes names that a dead process left. */
export function removeStaleNames(dir: string): void {
  for (const name of readdirSync(dir).filter((each) => each.startsWith(PREFIX))) {
    const madeMs = statSync(join(dir, name), { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (Date.now() - madeMs > STALE_MS) rmSync(join(dir, name), { force: true });
  }
}

export function closePair({ stdout, stderr }: PipePair): void {
  for (const { readFd, writeFd } of [stdout, stderr]) {
    closeSync(readFd);
    closeSync(writeFd);
  }
}

function openPair(first: string, second: string): PipePair {
  const stdout = openPipe(first);
  try {
    return { stdout, stderr: openPipe(second) };
  } catch (error) {
    closeSync(stdout.readFd);
    closeSync(stdout.writeFd);
    throw error;
  }
}

/** The reading end first and without waiting: an end alone would wait for the other one. */
function openPipe(name: string): Pipe {
  const readFd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return { readFd, writeFd: openSync(name, constants.O_WRONLY) };
  } catch (error) {
    closeSync(readFd);
    throw error;
  }
}
