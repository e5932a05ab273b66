import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import type { EventStore } from '../../../src/application/ports/event-store';
import type { StoreTarget } from './adapter';
import type { JobAnswer, JobRequest, Jobs } from './store-process-main';

const MAIN = join(__dirname, 'store-process-main.ts');
const HOOK = resolve(__dirname, '../../support/ts-register.cjs');

type Parameters<Job> = Job extends (store: EventStore, ...parameters: infer P) => Promise<unknown> ? P : never;
type Result<Job> = Job extends (...parameters: never[]) => Promise<infer R> ? R : never;

/** A process of its own that holds the store open and does one job after another. */
export class StoreProcess {
  private constructor(private readonly child: ChildProcess) {}

  /** @param wrapper a command that runs the process, such as strace with its options. */
  static async start(target: StoreTarget, wrapper: readonly string[] = []): Promise<StoreProcess> {
    const [execPath, ...before] = [...wrapper, process.execPath];
    const child = fork(MAIN, [JSON.stringify(target)], {
      execPath,
      execArgv: [...before, '--require', HOOK],
      serialization: 'advanced',
    });
    started.add(child);
    child.once('exit', () => started.delete(child));
    const made = new StoreProcess(child);
    await made.answer();
    return made;
  }

  async run<Job extends keyof Jobs>(job: Job, ...parameters: Parameters<Jobs[Job]>): Promise<Result<Jobs[Job]>> {
    this.begin(job, ...parameters);
    return (await this.answer()) as Result<Jobs[Job]>;
  }

  /** Does not wait for the job's end. */
  begin<Job extends keyof Jobs>(job: Job, ...parameters: Parameters<Jobs[Job]>): void {
    const request: JobRequest = { job, parameters };
    this.child.send(request);
  }

  /** Resolves when the process is gone, for whatever reason. */
  async ended(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }

  async kill(): Promise<void> {
    end(this.child);
    await this.ended();
  }

  private async answer(): Promise<unknown> {
    const gone = new AbortController();
    const exit = once(this.child, 'exit', { signal: gone.signal }).then(
      () => ({ error: 'the process ended' }),
      () => ({ error: 'answered' }),
    );
    const answer = once(this.child, 'message', { signal: gone.signal }).then(([message]) => message as JobAnswer);
    try {
      const first = await Promise.race([answer, exit]);
      if ('error' in first) throw new Error(first.error);
      return first.result;
    } finally {
      gone.abort();
      answer.catch(() => undefined);
    }
  }
}

/** A tracer dies alone: what it traced ends when it is let go of. */
function end(child: ChildProcess): void {
  child.kill('SIGKILL');
  if (child.connected) child.disconnect();
}

const started = new Set<ChildProcess>();

/** To be called by `afterAll`. */
export async function endStoreProcesses(): Promise<void> {
  const gone = [...started].map((child) => once(child, 'exit'));
  for (const child of started) end(child);
  await Promise.all(gone);
}
