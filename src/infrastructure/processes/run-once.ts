import type { RunResult, RunSpec } from '../../application/ports/process-runner';
import { cgroupUsage, oomKills } from './isolation/cgroup-usage';
import { judgeRun, spawnFailed, toolError, type Classification } from './judge-run';
import { Deadline } from './deadline';
import { drain } from './output/drain';
import { HandshakeChannel, type Handshake } from './launch/handshake';
import type { Isolation } from './isolation/isolation';
import { endAll } from './ending/kill-sequence';
import { launch, shellCode, type Ended, type Launched } from './launch/launch';
import type { RunMark } from './ending/members';
import type { PipePool } from './output/pipe-pool';
import { preflight } from './launch/preflight';
import { OUTER_VARIABLE, readStat, RUN_VARIABLE, type ProcStat } from './proc/proc-table';
import type { RunFiles } from './run-file';
import { RunReport } from './run-report';
import { isStarved, usageLines } from './starvation';
import { untilEnd } from './until-end';
import { sampledCpu, waitedCpu, type OwnUsage, type UsageMeter } from './usage';
import { witnessFault } from './witness';

/**
 * From the end of a run, or the end of its grace, to the result: shared by killing, draining, measuring and closing the
 * log. The 3 s that are promised, less what taking its cgroup away may need.
 */
const SETTLE_MS = 2_750;
const DEFAULT_TOOL_ERROR_EXIT_CODES = [126, 127];
/** Of what the wrapper complains about, as much as an evidence line takes. */
const COMPLAINT_BYTES = 300;

export interface RunOnceDeps {
  readonly isolation: Isolation;
  readonly files: RunFiles;
  /** Cookies of the runs that this process itself is part of, comma-separated; empty for none. */
  readonly outer: string;
  readonly pipes: PipePool;
  readonly meter: UsageMeter;
  /** Path of the run's cgroup, which exists; null at levels without one. */
  readonly cgroup: string | null;
  /** Files that count what the kernel killed for want of memory. */
  readonly oomCounters: readonly string[];
}

/** One run from spawn to the last of its processes. Its intent is on disk already. */
export async function runOnce(deps: RunOnceDeps, spec: RunSpec): Promise<RunResult> {
  const report = RunReport.of(deps.isolation, spec);
  const line = deps.isolation.launch([spec.command, ...spec.args], deps.cgroup);
  const child = await launch(line, {
    cwd: spec.cwd,
    env: environment(deps, spec),
    pipes: await deps.pipes.take(),
  });
  if ('errno' in child) {
    const deadline = Deadline.in(SETTLE_MS);
    const usage = await deps.meter.finish(sampledCpu([]), deadline);
    const facts = { leaked: 0, survivors: 0, pipeHeldOpen: false, usage };
    return report.close(couldNotStart(child.errno, spec), facts, deadline);
  }
  report.output.follow(child);
  return finish(deps, spec, child, report);
}

async function finish(deps: RunOnceDeps, spec: RunSpec, child: Launched, report: RunReport): Promise<RunResult> {
  const { isolation, cgroup, oomCounters } = deps;
  const oomKillsBefore = oomKills(oomCounters);
  const channel = new HandshakeChannel(child.channel, { answers: isolation.awaitsAnswer });
  const { cookie } = spec;
  const mark = { cookie, pid: child.pid, startTicks: readStat(child.pid)?.startTicks ?? 0, cgroup };
  noteStart(deps.files, spec.runId, mark);
  const killedFor = await untilEnd(child, channel, spec);
  // Nothing needs time to tidy up before it has begun.
  const graceMs = channel.read().kind === 'none' ? 0 : spec.graceMs;
  const deadline = Deadline.in(SETTLE_MS + (killedFor === null ? 0 : graceMs));
  const clock = () => report.clock();
  const { interrupted, ...end } = await endAll(isolation, mark, killedFor && graceMs, { clock, deadline });
  const pipeHeldOpen = await drain([child.stdout, child.stderr, channel.stream], deadline);
  child.release();
  const ended = child.endedNow() ?? { exitCode: null, signal: null };
  const handshake = isolation.reportsExit ? channel.read() : withExit(channel.read(), ended);
  const usage = await deps.meter.finish(ownUsage(cgroup, report.clock(), handshake, interrupted), deadline);
  const output = report.output.captured();
  const isOomKilled = oomKills(oomCounters) > oomKillsBefore;
  const classification = judgeRun({
    ...ended,
    handshake,
    killedFor,
    complaint: firstLine(output.stderr.head),
    toolErrorExitCodes: spec.toolErrorExitCodes ?? DEFAULT_TOOL_ERROR_EXIT_CODES,
    witnessFault: witnessFault(spec.witness, spec.cwd, report.output),
    isStarved: killedFor === 'timeout' && isStarved(usage, spec),
    isOomKilled,
    measured: usageLines(usage),
  });
  const leaked = end.leaked + (handshake.kind === 'exited' && killedFor === null ? handshake.left : 0);
  const facts = { ...end, leaked, pipeHeldOpen, usage, ...(isOomKilled ? { isOomKilled } : {}) };
  return report.close(classification, facts, deadline);
}

function ownUsage(
  cgroup: string | null,
  wallMs: number,
  handshake: Handshake,
  interrupted: readonly ProcStat[],
): OwnUsage {
  const counted = cgroup === null ? null : cgroupUsage(cgroup, Math.max(1, wallMs));
  if (counted) return counted;
  return handshake.kind === 'exited' && handshake.cpu ? waitedCpu(handshake.cpu) : sampledCpu(interrupted);
}

function environment({ outer }: RunOnceDeps, { env, cookie }: RunSpec): Readonly<Record<string, string>> {
  return { ...env, [RUN_VARIABLE]: cookie, ...(outer ? { [OUTER_VARIABLE]: outer } : {}) };
}

/** What was there a moment ago may be gone: then that is the reason, not the error code. */
function couldNotStart(errno: string, spec: RunSpec): Classification {
  const fault = preflight(spec);
  return fault ? toolError(fault.reason, false, fault.evidence) : spawnFailed(errno);
}

function noteStart(files: RunFiles, runId: string, { pid, startTicks }: RunMark): void {
  try {
    files.started(runId, { pid, startTicks });
  } catch {
    // A full disk: the run goes on, and a recovery would have to do with the cookie.
  }
}

/** Where the wrapper became the command, the command's own end is the report. */
function withExit(handshake: Handshake, ended: Ended): Handshake {
  const exitCode = shellCode(ended);
  return handshake.kind === 'started' && exitCode !== null
    ? { kind: 'exited', exitCode, cpu: null, left: 0 }
    : handshake;
}

function firstLine(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, COMPLAINT_BYTES));
  return text.split('\n', 1)[0] ?? '';
}
