import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';

export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Launched {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The wrapper's own channel, file descriptor 3. */
  readonly channel: Readable;
  readonly ended: Promise<Ended>;
  /** Null as long as it lives. */
  readonly endedNow: () => Ended | null;
  /** Lets this process end although nobody has closed the pipes. */
  readonly release: () => void;
}

/** Starts a command line in a session of its own, from the main thread, with nothing on stdin. */
export async function launch(
  line: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Launched | { readonly errno: string }> {
  const [program = '', ...args] = line;
  try {
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    return child.pid === undefined ? await failed(child) : launched(child, child.pid);
  } catch (error) {
    // Some failures are thrown, others come as an event.
    return { errno: errnoOf(error) };
  }
}

/** Exit code as a shell would report it. */
export function shellCode({ exitCode, signal }: Ended): number | null {
  return signal === null ? exitCode : 128 + constants.signals[signal];
}

function launched(child: ChildProcess, pid: number): Launched {
  let end: Ended | null = null;
  const ended = new Promise<Ended>((resolve) => {
    child.once('exit', (exitCode, signal) => {
      end = { exitCode, signal };
      resolve(end);
    });
  });
  child.on('error', () => undefined);
  const [, stdout, stderr, channel] = child.stdio as unknown as [null, Readable, Readable, Readable];
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
