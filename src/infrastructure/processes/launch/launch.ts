import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import type { Duplex, Readable } from 'node:stream';
import { closePair, type PipePair } from '../output/pipe-pool';

export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Launched {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The wrapper's own channel, file descriptor 3. */
  readonly channel: Duplex;
  readonly ended: Promise<Ended>;
  /** Null as long as it lives. */
  readonly endedNow: () => Ended | null;
  /** Lets this process end although nobody has closed the pipes. */
  readonly release: () => void;
}

export interface LaunchPlace {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** For its output; null: it gets sockets. Closed here, whatever happens. */
  readonly pipes: PipePair | null;
}

/** Starts a command line in a session of its own, from the main thread, with nothing on stdin. */
export async function launch(
  line: readonly string[],
  { cwd, env, pipes }: LaunchPlace,
): Promise<Launched | { readonly errno: string }> {
  const child = spawned(line, { cwd, env, pipes });
  if (!('errno' in child) && child.pid !== undefined) return launched(child, child.pid, pipes);
  if (pipes) closePair(pipes);
  return 'errno' in child ? child : failed(child);
}

/** Exit code as a shell would report it. */
export function shellCode({ exitCode, signal }: Ended): number | null {
  return signal === null ? exitCode : 128 + constants.signals[signal];
}

/** Some failures are thrown, others come as an event of a child without a pid. */
function spawned(line: readonly string[], { cwd, env, pipes }: LaunchPlace): ChildProcess | { readonly errno: string } {
  const [program = '', ...args] = line;
  const [stdout, stderr] = [pipes?.stdout.writeFd ?? 'pipe', pipes?.stderr.writeFd ?? 'pipe'] as const;
  try {
    return spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', stdout, stderr, 'pipe'] });
  } catch (error) {
    return { errno: errnoOf(error) };
  }
}

function launched(child: ChildProcess, pid: number, pipes: PipePair | null): Launched {
  let end: Ended | null = null;
  const ended = new Promise<Ended>((resolve) => {
    child.once('exit', (exitCode, signal) => {
      end = { exitCode, signal };
      resolve(end);
    });
  });
  child.on('error', () => undefined);
  const [, out, err, channel] = child.stdio as unknown as [null, Readable, Readable, Duplex];
  const [stdout, stderr] = pipes ? readingEnds(pipes) : [out, err];
  return {
    pid,
    stdout,
    stderr,
    channel,
    ended,
    endedNow: () => end,
    release: () => {
      child.unref();
    },
  };
}

/** Lets go of the writing ends, which are the child's now: only so their end is ever seen. */
function readingEnds(pipes: PipePair): readonly [Readable, Readable] {
  const reading = ({ readFd, writeFd }: PipePair['stdout']) => {
    closeSync(writeFd);
    return new Socket({ fd: readFd, readable: true, writable: false });
  };
  return [reading(pipes.stdout), reading(pipes.stderr)];
}

function failed(child: ChildProcess): Promise<{ readonly errno: string }> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve({ errno: errnoOf(error) });
    });
  });
}

function errnoOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
}
