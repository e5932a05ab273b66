import {
  ProcessRunner,
  type RecoveredRun,
  type RunResult,
  type RunSpec,
  type ToolErrorReason,
} from '../../src/application/ports/process-runner';
import { exitOfDeploy, noteDeploy } from './sim-deploys';
import { exitOfCheck } from './sim-monitors';
import { EPOCH_MS, type SimProcess, type World } from './world';
import { BUILD } from './sim-images';
import { MEASURE } from './sim-coverage';
import { SCAN } from './sim-reports';
import { isShadow } from './sim-shadows';
import type { SimRepository } from './sim-repository';
import { SETUP, SimSetups } from './sim-setups';

/** What the machine can do to a run, and whether waiting may help. */
const MISHAPS: readonly Mishap[] = [
  { reason: 'timeout', retryable: true },
  { reason: 'timeout_starved', retryable: true },
  { reason: 'oom_killed', retryable: true, exitCode: 137 },
  { reason: 'killed_externally', retryable: true, exitCode: 143 },
  { reason: 'resource_exhausted', retryable: true },
  { reason: 'command_not_found', retryable: false, exitCode: 127 },
];

interface Mishap {
  readonly reason: ToolErrorReason;
  readonly retryable: boolean;
  /** As a shell tells it. */
  readonly exitCode?: number;
}

const STRUCK: Mishap = { reason: 'killed_externally', retryable: true, exitCode: 143 };

/** Suites that take virtual time; whether they pass is a property of the commit they run on. */
export class SimRunner extends ProcessRunner {
  private readonly setups: SimSetups;

  constructor(
    private readonly world: World,
    private readonly process: SimProcess,
    private readonly repository: SimRepository,
    private readonly greenTrees: Set<string>,
  ) {
    super();
    this.setups = new SimSetups(world);
  }

  run(spec: RunSpec): Promise<RunResult> {
    const { random, scheduler, faults, spawnedWhileOff } = this.world;
    if (this.process.told.isRunnerOff) spawnedWhileOff.add(spec.runId);
    const isSetup = spec.args.includes(SETUP);
    const durationMs = isSetup ? this.setups.durationMs : Math.round(random.between(200, 20_000));
    const isStruck = this.world.storm.strikes(spec, this.world);
    const isHit = !isSetup && faults.happens(faults.infraRate);
    const mishap = isStruck ? STRUCK : isHit ? random.pick(MISHAPS) : null;
    if (mishap) this.world.infraDeaths += 1;
    if (mishap?.reason !== 'command_not_found') noteDeploy(this.world, spec);
    return new Promise((resolve) => {
      const cancel = scheduler.schedule(this.process, durationMs, () => {
        spec.signal?.removeEventListener('abort', stop);
        if (isSetup) resolve(this.setUp(spec));
        else resolve(mishap ? failed(this.facts(spec, durationMs), mishap) : this.executed(spec, durationMs));
      });
      const stop = () => {
        cancel();
        scheduler.schedule(this.process, random.between(1, 200), () => {
          resolve(failed(this.facts(spec, durationMs), { reason: 'aborted', retryable: true }));
        });
      };
      if (spec.signal?.aborted) stop();
      else spec.signal?.addEventListener('abort', stop, { once: true });
    });
  }

  recover(): Promise<readonly RecoveredRun[]> {
    return this.world.request(this.process, 'recover', () => [], null);
  }

  private setUp(spec: RunSpec): RunResult {
    const fault = this.setups.fault();
    const facts = this.facts(spec, this.setups.durationMs);
    if (fault === null) return { kind: 'executed', verdict: 'pass', exitCode: 0, ...facts };
    const said = new TextEncoder().encode(fault);
    const stderr = { ...facts.output.stderr, head: said, totalBytes: said.length };
    return { kind: 'executed', verdict: 'fail', exitCode: 1, ...facts, output: { ...facts.output, stderr } };
  }

  private executed(spec: RunSpec, durationMs: number): RunResult {
    const exitCode = exitOfDeploy(this.world, spec) ?? exitOfCheck(this.world, spec);
    if (exitCode !== null && exitCode !== 0) this.world.executedRed.add(spec.runId);
    if (exitCode !== null)
      return { kind: 'executed', verdict: exitCode === 0 ? 'pass' : 'fail', exitCode, ...this.facts(spec, durationMs) };
    const commit = this.repository.get(spec.cwd.replace('/clone/', ''));
    const isSuite = ![SCAN, MEASURE, BUILD].some((command) => spec.args.includes(command));
    const isRed = isSuite && (commit.isRed || this.world.flakes.showsRed(commit.tree, this.world.faults.areOn));
    // What an agent says, or a shadow beside it, is nobody's proof that a tree is green.
    if (isSuite && !isRed && spec.command !== 'agent' && !isShadow(spec)) this.greenTrees.add(commit.tree);
    if (isRed) this.world.executedRed.add(spec.runId);
    const isCounted = spec.countsTests === true && !isShadow(spec);
    const said = isCounted ? this.world.witness.says(commit.tree, isRed, spec.cwd) : { exitCode: isRed ? 1 : 0 };
    const verdict = said.exitCode === 0 ? 'pass' : 'fail';
    return { kind: 'executed', verdict, ...said, ...this.facts(spec, durationMs) };
  }

  facts(spec: RunSpec, durationMs: number) {
    const stream = {
      head: new Uint8Array(),
      tail: new Uint8Array(),
      totalBytes: 0,
      sha256: '0'.repeat(64),
      truncated: false,
    };
    return {
      runId: spec.runId,
      startedAt: new Date(EPOCH_MS + Math.round(this.world.scheduler.now)).toISOString(),
      durationMs,
      isolation: 'none' as const,
      containment: 'best-effort' as const,
      output: { stdout: stream, stderr: stream },
      leaked: 0,
      survivors: 0,
      pipeHeldOpen: false,
      usage: {
        cpuUserMs: 0,
        cpuSysMs: 0,
        source: 'sampled' as const,
        load1: [0, 0] as const,
        ownCores: 0,
        machineBusyCores: 0,
        topForeign: [],
      },
    };
  }
}

function failed(facts: ReturnType<SimRunner['facts']>, { reason, retryable, exitCode }: Mishap): RunResult {
  const executed = reason === 'command_not_found' ? false : 'partially';
  const ended = exitCode === undefined ? {} : { exitCode };
  return { kind: 'tool_error', executed, reason, retryable, evidence: [reason], ...ended, ...facts };
}
