import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { expectPlainPunctuation } from './punctuation';
import { environment, type CliResult, type Environment } from './cli';

const ENDS_WITHIN_MS = 15_000;
const PROGRAM = resolve(__dirname, 'cli-session-child.cjs');

/**
 * One process that runs one command line after the other, each with its own arguments, environment and folder; what it
 * prints is taken from its real stdout and stderr. For what the program says; that it starts, ends and takes signals as a
 * process of its own is for `runCli` and `startCli` to see.
 */
export class CliSession {
  /** Written to both streams after each command. */
  private readonly end = `\n${randomUUID()}\n`;
  private readonly child: ChildProcess;
  private readonly closed: Promise<number | NodeJS.Signals | null>;
  private readonly out: Captured;
  private readonly err: Captured;
  private last: Promise<unknown> = Promise.resolve();

  constructor() {
    this.child = spawn(process.execPath, [PROGRAM, this.end], {
      env: environment({}),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.out = new Captured(this.child.stdout, this.end);
    this.err = new Captured(this.child.stderr, this.end);
    this.closed = new Promise((done) =>
      this.child.once('exit', (code, signal) => {
        done(signal ?? code);
      }),
    );
  }

  /** Waits for the commands before it. */
  run(args: readonly string[], env: Environment = {}, cwd = process.cwd()): Promise<CliResult> {
    const result = this.last.then(() => this.answer({ args, env: environment(env), cwd }));
    this.last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when the process has ended by itself; rejects when something that a command left open keeps it, or has killed it. */
  async close(): Promise<void> {
    this.child.disconnect();
    const bound = setTimeout(() => this.child.kill('SIGABRT'), ENDS_WITHIN_MS);
    const ended = await this.closed;
    clearTimeout(bound);
    if (ended !== 0) throw new Error(`expected the session to end by itself with 0, saw ${ended}:\n${this.err.text}`);
  }

  private async answer(request: object): Promise<CliResult> {
    const died = this.closed.then(() => {
      throw new Error(`the session ended within a command:\n${this.out.text}${this.err.text}`);
    });
    const code = new Promise<number>((done) =>
      this.child.once('message', (message: { code: number }) => {
        done(message.code);
      }),
    );
    this.child.send(request);
    const [stdout, stderr, exitCode] = await Promise.race([
      Promise.all([this.out.take(), this.err.take(), code]),
      died,
    ]);
    expectPlainPunctuation(stderr);
    return { code: exitCode, signal: null, stdout, stderr };
  }
}

/** What a stream has said since the last end of a command. */
class Captured {
  text = '';
  private look: () => void = () => undefined;

  constructor(
    stream: Readable | null,
    private readonly end: string,
  ) {
    stream?.setEncoding('utf8').on('data', (more: string) => {
      this.text += more;
      this.look();
    });
  }

  take(): Promise<string> {
    return new Promise((done) => {
      this.look = () => {
        const at = this.text.indexOf(this.end);
        if (at < 0) return;
        const taken = this.text.slice(0, at);
        this.text = this.text.slice(at + this.end.length);
        done(taken);
      };
      this.look();
    });
  }
}
