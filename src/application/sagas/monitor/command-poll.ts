import type { MONITOR_VARIABLES, Handed } from '../../../domain/handed-to-runs';
import type { Oid } from '../../../domain/ids';
import type { CommandCheck } from '../../../domain/policy/project-policy';
import { plainLine } from '../../../domain/staging/plain-text';
import type { GitWorkspace } from '../../ports/git-workspace';
import type { HostEnvironment } from '../../ports/host-environment';
import type { Hasher } from '../../ports/ids';
import type { ProcessRunner, RunResult } from '../../ports/process-runner';
import { runOperatorCommand } from '../operator-command';
import { lastLine, lastOutput, runRecord } from '../run-record';
import type { SagaContext } from '../saga';
import { environmentDigest } from '../suite-run';
import { commandFailure } from '../tool-failure';
import type { Poll } from './poll';

export interface CommandPollDeps {
  readonly git: GitWorkspace;
  readonly runner: ProcessRunner;
  readonly host: HostEnvironment;
  readonly hasher: Hasher;
}

interface CommandAsk {
  readonly check: CommandCheck;
  readonly timeoutMs: number;
  readonly oid: Oid;
}

/** Of the last line of its output. */
const SEEN_CHARS = 200;

/**
 * Runs the command on the landed commit, in a clone of its own. What it says by an exit code, and that it does not end in time, is
 * about what it asks; everything else is a failure of the machine.
 */
export async function commandPoll(deps: CommandPollDeps, context: SagaContext, asked: CommandAsk): Promise<Poll> {
  const { task, claim, project } = context;
  const { oid } = asked;
  await deps.git.landedCommit(project.repository, { task: task.id, oid });
  const options = { oid, baseOid: oid, depth: 1, name: claim.runId } as const;
  const clone = await deps.git.disposableClone(project.repository, options);
  try {
    if (!context.switches.postDeployMonitor) return { kind: 'unwanted' };
    return pollOf(deps, context, asked.check, await runCheck(deps, context, asked, clone.dir));
  } finally {
    // The next start removes what is left of it.
    await clone.dispose().catch(() => undefined);
  }
}

function runCheck(
  deps: CommandPollDeps,
  context: SagaContext,
  { check, timeoutMs, oid }: CommandAsk,
  cwd: string,
): Promise<RunResult> {
  const told: Handed<typeof MONITOR_VARIABLES> = {
    STAGEGATE_COMMIT: oid,
    STAGEGATE_MONITOR_PROJECT: context.project.policy.project,
    STAGEGATE_TASK: context.task.id,
  };
  return runOperatorCommand(deps, context, { ...check, timeoutMs }, { cwd, told });
}

function pollOf(deps: CommandPollDeps, { signal }: SagaContext, check: CommandCheck, result: RunResult): Poll {
  const [run, tail] = [runRecord(deps.hasher, result), lastOutput(result)];
  const environment = environmentDigest(deps, check, run.isolation);
  const polled = { kind: 'polled', run, environmentDigest: environment, tail } as const;
  if (result.kind === 'executed') {
    const { exitCode } = result;
    return { ...polled, ok: exitCode === 0, seen: `exit code ${exitCode}${exitCode === 0 ? '' : lastWords(tail)}` };
  }
  if (result.reason === 'aborted' && signal.aborted) return { kind: 'abandoned' };
  // A machine that was busy with something else says nothing about what was asked.
  if (result.reason === 'timeout' && result.executed !== false)
    return { ...polled, ok: false, seen: `no answer within ${run.durationMs} ms${lastWords(tail)}` };
  const failureClass = result.reason === 'timeout_starved' ? 'timeout' : 'tool-error';
  const failure = { ...commandFailure(result, check.command, tail), step: 'poll' };
  return { kind: 'failed', failureClass, failure, run, tail };
}

function lastWords(tail: string): string {
  const line = lastLine(tail);
  return line.trim() === '' ? '' : `: ${plainLine(line, SEEN_CHARS)}`;
}
