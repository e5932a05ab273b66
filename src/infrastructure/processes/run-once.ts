import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { RunResult, RunSpec } from '../../application/ports/process-runner';
import { classify, type Classification } from './classify';
import { HandshakeChannel } from './handshake';
import type { Isolation, RunMark } from './isolation';
import { signal, sweep, terminate } from './kill-sequence';
import { drain, LogFile, OutputCapture } from './output-capture';
import { OUTER_VARIABLE, readStat, RUN_VARIABLE } from './proc-table';
import type { RunFile, RunFiles } from './run-file';
import { isStarved, type UsageMeter } from './usage';
import { witnessed } from './witness';

export const DEFAULT_CAPTURE_BYTES = 512 * 1024;
const DEFAULT_LOG_BYTES = 64 * 1024 * 1024;
const DEFAULT_TOOL_ERROR_EXIT_CODES = [126, 127];

export interface RunOnceDeps {
  readonly isolation: Isolation;
  readonly files: RunFiles;
  /** The run's file without what only the spawn tells. */
  readonly intent: RunFile;
  /** Cookies of the runs that this process itself is part of. */
  readonly outer: string;
  readonly meter: UsageMeter;
  readonly isAlone: () => boolean;
}

type Ended = { readonly exitCode: number | null; readonly signal: NodeJS.Signals | null };

/** One run from spawn to the last of its processes. */
export async function runOnce(deps: RunOnceDeps, spec: RunSpec): Promise<RunResult> {
  const { isolation, files, intent, meter } = deps;
  const startedMs = Date.now();
  const startedAt = performance.now();
  const stdout = new OutputCapture(
    spec.maxHeadBytes ?? DEFAULT_CAPTURE_BYTES,
    spec.maxTailBytes ?? DEFAULT_CAPTURE_BYTES,
  );
  const stderr = new OutputCapture(
    spec.maxHeadBytes ?? DEFAULT_CAPTURE_BYTES,
    spec.maxTailBytes ?? DEFAULT_CAPTURE_BYTES,
  );
  const log = new LogFile(spec.logFile, spec.maxLogBytes ?? DEFAULT_LOG_BYTES);
  const finish = async (classification: Classification, more: Partial<Facts> = {}): Promise<RunResult> => {
    const incomplete = await log.close();
    const facts = {
      runId: spec.runId,
      startedAt: new Date(startedMs).toISOString(),
      durationMs: Math.round(performance.now() - startedAt),
      isolation: isolation.level,
      containment: isolation.containment,
      output: { stdout: stdout.result(), stderr: stderr.result() },
      leaked: 0,
      survivors: 0,
      pipeHeldOpen: false,
      usage: meter.finish(deps.isAlone(), () => undefined),
      ...more,
    };
    if (classification.kind === 'executed') {
      return { ...facts, ...classification, verdict: classification.exitCode === 0 ? 'pass' : 'fail' };
    }
    return { ...facts, ...classification, evidence: [...classification.evidence, ...(incomplete ? [incomplete] : [])] };
  };

  const child = start(deps, spec);
  if ('errno' in child) return finish(classify({ ...NOTHING, spawnErrno: child.errno, ...options(spec) }));
  const channel = new HandshakeChannel(child.process.stdio[3] as Readable);
  for (const [stream, capture] of [
    [child.process.stdout, stdout],
    [child.process.stderr, stderr],
  ] as const) {
    stream?.on('data', (chunk: Buffer) => {
      capture.take(chunk);
      log.take(chunk);
    });
    // The other end is gone; what came through counts.
    stream?.on('error', () => undefined);
  }
  const exited = endOf(child.process);
  const pid = child.process.pid ?? 0;
  const mark: RunMark = { cookie: spec.cookie, pgid: pid, startTicks: readStat(pid)?.startTicks ?? 0 };
  files.write({ ...intent, pgid: mark.pgid, startTicks: mark.startTicks });
  const killedFor = await untilEnd(exited, spec);
  const timeline: { termAt?: number; killAt?: number; emptyAt?: number } = {};
  const since = () => Math.round(performance.now() - startedAt);
  if (killedFor) {
    meter.sample(isolation, mark);
    timeline.termAt = since();
    if (isolation.level === 'none') signalChild(mark, 'SIGTERM');
    await terminate(isolation, mark, spec.graceMs);
    timeline.killAt = since();
  }
  const swept = await sweep(isolation, mark);
  timeline.emptyAt = since();
  const ended = await Promise.race([exited, Promise.resolve<Ended>({ exitCode: null, signal: null })]);
  const streams = [child.process.stdout, child.process.stderr, channel.stream].filter((stream) => stream !== null);
  const pipeHeldOpen = await drain(streams);
  child.process.unref();
  const { termAt, ...rest } = timeline;
  const more = {
    leaked: killedFor ? 0 : swept.killed,
    survivors: swept.survivors,
    pipeHeldOpen,
    ...(termAt === undefined ? {} : { killTimeline: { termAt, ...rest } }),
  };
  const isWitnessed = witnessed(spec.witness, {
    cwd: spec.cwd,
    startedMs,
    streams: [stdout.result(), stderr.result()],
  });
  const starved =
    killedFor === 'timeout' &&
    isStarved(
      meter.finish(deps.isAlone(), () => undefined),
      spec.baseline,
    );
  const evidence = {
    ...NOTHING,
    ...ended,
    handshake: channel.read(),
    killedFor,
    isWitnessed,
    isStarved: starved,
    ...options(spec),
  };
  return finish(classify(evidence), more);
}

type Facts = Pick<RunResult, 'leaked' | 'survivors' | 'pipeHeldOpen'> & {
  killTimeline: NonNullable<RunResult['killTimeline']>;
};

const NOTHING = {
  handshake: { kind: 'none' },
  killedFor: null,
  exitCode: null,
  signal: null,
  spawnErrno: null,
  isWitnessed: null,
  isStarved: false,
} as const;

function options({ toolErrorExitCodes }: RunSpec) {
  return { toolErrorExitCodes: toolErrorExitCodes ?? DEFAULT_TOOL_ERROR_EXIT_CODES };
}

function start({ isolation, outer }: RunOnceDeps, spec: RunSpec): { process: ChildProcess } | { errno: string } {
  const [program = '', ...args] = isolation.wrap(spec.command, spec.args);
  const env = { ...spec.env, [RUN_VARIABLE]: spec.cookie, ...(outer ? { [OUTER_VARIABLE]: outer } : {}) };
  try {
    const child = spawn(program, args, {
      cwd: spec.cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    return child.pid === undefined ? { errno: 'EAGAIN' } : { process: child };
  } catch (error) {
    return { errno: (error as NodeJS.ErrnoException).code ?? 'UNKNOWN' };
  }
}

function endOf(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    child.once('exit', (exitCode, name) => {
      resolve({ exitCode, signal: name });
    });
    child.once('error', () => {
      resolve({ exitCode: null, signal: null });
    });
  });
}

/** @returns why it has to be killed; null when it ended by itself. */
async function untilEnd(
  exited: Promise<Ended>,
  { timeoutMs, signal: told }: RunSpec,
): Promise<'timeout' | 'aborted' | null> {
  let timer: NodeJS.Timeout | undefined;
  let stop: () => void = () => undefined;
  const killed = new Promise<'timeout' | 'aborted'>((resolve) => {
    timer = setTimeout(() => {
      resolve('timeout');
    }, timeoutMs);
    stop = () => {
      resolve('aborted');
    };
    if (told?.aborted) stop();
    else told?.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([exited.then(() => null), killed]);
  } finally {
    clearTimeout(timer);
    told?.removeEventListener('abort', stop);
  }
}

function signalChild({ pgid }: RunMark, name: NodeJS.Signals): void {
  const stat = readStat(pgid);
  if (stat) signal(stat, name);
}
