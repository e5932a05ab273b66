import type { DeployPolicy } from '../../domain/policy/project-policy';
import type { HostEnvironment } from '../ports/host-environment';
import type { ProcessRunner, RunResult, RunSpec } from '../ports/process-runner';
import type { SagaContext } from './saga';

/** In which clone of the landed commit, and what it is told of it. */
interface Place extends Pick<RunSpec, 'cwd' | 'toolErrorExitCodes'> {
  readonly told: Readonly<Record<string, string>>;
}

/** Runs a command of the operator behind the landing, where nothing but its own words and the machine's judge it. */
export function runOperatorCommand(
  { runner, host }: { readonly runner: ProcessRunner; readonly host: HostEnvironment },
  { claim, signal, switches }: SagaContext,
  { command: text, env, timeoutMs, graceMs }: DeployPolicy,
  { told, ...place }: Place,
): Promise<RunResult> {
  const [command = '', ...args] = typeof text === 'string' ? ['sh', '-c', text] : text;
  return runner.run({
    ...place,
    runId: claim.runId,
    cookie: claim.cookie,
    command,
    args,
    env: { ...host.pick(env), ...told },
    timeoutMs,
    graceMs,
    treeKill: switches.subprocessTreeKill,
    logFile: host.logFile(claim.runId),
    signal,
  });
}
