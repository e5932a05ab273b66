import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Site } from './site';
import { orderHeaders } from '../support/operator';

const CLI = resolve(__dirname, '../../dist/cli/main.js');
const SHORT_CLAIMS = join(__dirname, 'short-claims.cjs');

/** One `stagegate up` of the built program, with a state directory of its own; started again and again. */
export class Replica {
  private child: ChildProcess | null = null;
  private address: string | null = null;
  starts = 0;
  /** Ends that nobody here asked for. */
  readonly unexpectedEnds: string[] = [];

  /** @param preload modules that are loaded before the program. */
  constructor(
    private readonly site: Site,
    readonly name: string,
    private readonly preload: readonly string[] = [SHORT_CLAIMS],
  ) {}

  /** What its orders are sent with; empty while it is not up. */
  get headers(): Readonly<Record<string, string>> {
    const { STAGEGATE_STATE_DIR: stateDir = '' } = this.site.environment(this.name);
    return this.address === null ? {} : orderHeaders(stateDir, this.address);
  }

  /** Null while it is not up. */
  get url(): string | null {
    return this.address;
  }

  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  get isRunning(): boolean {
    return this.child !== null;
  }

  start(): void {
    if (this.child) return;
    const log = openSync(join(this.site.folder, `${this.name}.log`), 'a');
    const preload = this.preload.flatMap((path) => ['--require', path]);
    const child = spawn(process.execPath, [...preload, CLI, 'up', '--json'], {
      cwd: this.site.folder,
      env: this.site.environment(this.name),
      stdio: ['ignore', 'pipe', log],
    });
    closeSync(log);
    this.child = child;
    this.starts += 1;
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (this.child === child) this.address ??= /"url":"([^"]+)"/.exec(output)?.[1] ?? null;
    });
    child.on('exit', (code, signal) => {
      if (this.child !== child) return;
      this.forget();
      this.unexpectedEnds.push(`${this.name} ended by itself: exit code ${code}, signal ${signal}`);
    });
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** @returns its exit code. */
  async stop(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  /** @returns what undoes it, for as long as that process lives. */
  pause(): () => void {
    const { child } = this;
    child?.kill('SIGSTOP');
    return () => child?.kill('SIGCONT');
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    if (!child) return null;
    this.forget();
    const gone = once(child, 'exit');
    child.kill(signal);
    const [code] = (await gone) as [number | null];
    return code;
  }

  private forget(): void {
    this.child = null;
    this.address = null;
  }
}
