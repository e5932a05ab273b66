import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { expectPlainPunctuation } from './punctuation';

const CLI = resolve(__dirname, '../../dist/cli.js');

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<CliResult>;
  /** Resolves when stdout or stderr has matched; rejects when the process ends before. */
  readonly saw: (pattern: RegExp) => Promise<RegExpMatchArray>;
}

export type Environment = Readonly<Record<string, string>>;

/** Only what the command needs: no variable of the test's own environment may change its behaviour. */
export function environment(more: Environment): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', NO_COLOR: '1', ...more };
}

/** Starts `stagegate <args>` as a user would. */
export function startCli(args: readonly string[], env: Environment = {}, cwd = process.cwd()): RunningCli {
  return startProgram(CLI, args, env, cwd);
}

export interface RunningService extends RunningCli {
  /** Its address, without a path. */
  readonly url: string;
  /** Ends it as its operator would. */
  readonly stop: () => Promise<CliResult>;
}

/** Resolves when `stagegate up` takes requests. */
export async function startService(env: Environment): Promise<RunningService> {
  const cli = startCli(['up', '--json'], env);
  const [, url = ''] = await cli.saw(/"url":"([^"]+)"/);
  const stop = () => {
    cli.child.kill('SIGTERM');
    return cli.ended;
  };
  return { ...cli, url, stop };
}

/** The same for a program of the tests. */
export function startProgram(
  program: string,
  args: readonly string[],
  env: Environment = {},
  cwd?: string,
): RunningCli {
  return startNode([program, ...args], env, cwd);
}

/** The same with options of Node before the program. */
export function startNode(args: readonly string[], env: Environment = {}, cwd = process.cwd()): RunningCli {
  const child = spawn(process.execPath, args, {
    cwd,
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<CliResult>((done) => {
    child.on('close', (code, signal) => {
      done({ code, signal, stdout, stderr });
    });
  }).then((result) => {
    expectPlainPunctuation(result.stderr);
    return result;
  });
  const saw = (pattern: RegExp) =>
    new Promise<RegExpMatchArray>((done, failed) => {
      const look = () => {
        const match = pattern.exec(stdout + stderr);
        if (match) done(match);
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.on('close', () => {
        failed(new Error(`ended before it said ${String(pattern)}:\n${stdout}${stderr}`));
      });
      look();
    });
  return { child, ended, saw };
}

export function runCli(args: readonly string[], env: Environment = {}, cwd?: string): Promise<CliResult> {
  return startCli(args, env, cwd).ended;
}

/** The last line of a `--json` output. */
export function lastJson({ stdout }: CliResult): unknown {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}
