import { rm } from 'node:fs/promises';
import type { RunResult } from '../application/ports/process-runner';
import { durationMs } from '../infrastructure/config/values/duration';
import { processEnvironment } from '../infrastructure/config/environment';
import { loadServiceConfig } from '../infrastructure/config/service-config';
import { createProcessRunner } from '../infrastructure/processes/create-process-runner';
import { ProcWorkerHost } from '../infrastructure/processes/proc/proc-worker-host';
import { CryptoIds } from '../infrastructure/system/crypto-ids';
import { EXIT } from './exit-codes';
import { stderr as errors } from '../infrastructure/terminal/standard-stream';
import { printVerbatim, type Output } from './output';
import { clearLeftPlaces, makeOwnPlace } from './own-place';
import { Interrupted, untilInterrupted } from './signals';
import { UserError } from './user-error';
import { quoted } from '../application/secrets';

export interface ExecOptions {
  readonly timeout?: string;
  readonly grace?: string;
}

/** Runs any command the way suites are run and says what became of it. @returns the command's exit code, or 125. */
export async function exec(argv: readonly string[], options: ExecOptions, output: Output): Promise<number> {
  const [command, ...args] = argv;
  if (command === undefined)
    throw new UserError('exec: expected a command after --, saw none; stagegate exec -- npm test');
  const { defaults, subprocessTreeKillEnabled: treeKill } = loadServiceConfig();
  const timeoutMs = ms('--timeout', options.timeout) ?? defaults.timeoutMs;
  const graceMs = ms('--grace', options.grace) ?? defaults.graceMs;
  const host = new ProcWorkerHost();
  await clearLeftPlaces('exec', host);
  const stateDir = makeOwnPlace('exec', host);
  const stop = new AbortController();
  const runId = new CryptoIds().uuid();
  const runner = createProcessRunner({ stateDir, worker: host.self, treeKill });
  const environment = Object.entries(processEnvironment()).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  const env = Object.fromEntries(environment);
  const spec = {
    runId,
    cookie: runId,
    command,
    args,
    cwd: process.cwd(),
    env,
    timeoutMs,
    graceMs,
    signal: stop.signal,
  };
  try {
    const running = runner.run(spec);
    const ended = await untilInterrupted(running);
    if (ended instanceof Interrupted) stop.abort();
    const result = await running;
    await report(result, output);
    if (ended instanceof Interrupted) return ended.code;
    return result.kind === 'executed' ? result.exitCode : EXIT.toolError;
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
}

async function report(result: RunResult, output: Output): Promise<void> {
  const { stdout, stderr } = result.output;
  if (output.isJson) {
    output.json({ ...result, output: { stdout: shown(stdout), stderr: shown(stderr) } });
    return;
  }
  await printVerbatim(bytesOf(stdout));
  await printVerbatim(bytesOf(stderr), errors);
  const took = `${result.durationMs} ms, isolation ${result.isolation}, ${result.leaked} left-over processes ended`;
  const verdict =
    result.kind === 'executed' ? `${result.verdict}: exit code ${result.exitCode}` : `did not count: ${result.reason}`;
  output.note(`stagegate: ${verdict} (${took})`);
  if (result.kind === 'tool_error') for (const line of result.evidence) output.note(`  ${line}`);
}

type Stream = RunResult['output']['stdout'];

function shown(stream: Stream) {
  const decoder = new TextDecoder();
  return { ...stream, head: decoder.decode(stream.head), tail: decoder.decode(stream.tail) };
}

function bytesOf({ head, tail, totalBytes }: Stream): readonly Uint8Array[] {
  const gap = totalBytes > head.length + tail.length ? '\n[…]\n' : '';
  return [head, Buffer.from(gap), tail];
}

function ms(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = durationMs(text);
  if (value === null) throw new UserError(`${flag}: expected a duration like 900s, 10m or 500ms, saw ${quoted(text)}`);
  return value;
}
