import type { Digest, Oid } from '../../../domain/ids';
import { instant } from '../../../domain/instant';
import { canonicalJson, type JsonValue } from '../../../domain/json';
import type { MonitorPolicy } from '../../../domain/policy/project-policy';
import { renderMonitorLog } from '../../../domain/staging/monitor-log';
import { statusOf, windowAfter } from '../../../domain/task/monitor';
import type { ArtifactRef } from '../../../domain/task/task.events';
import { failpoint } from '../../failpoint';
import { infraOutcome, type InfraReportDeps } from '../infra-report';
import { givenBack, type Saga, type SagaContext, type SagaOutcome } from '../saga';
import { artifactFile } from '../subject';
import { commandPoll, type CommandPollDeps } from './command-poll';
import type { Poll } from './poll';
import { askedText, urlPoll, type UrlPollDeps } from './url-poll';

export type MonitorDeps = InfraReportDeps & CommandPollDeps & UrlPollDeps;

/** Makes one poll of what has landed and been deployed. Whether there is another one is for the log to say. */
export class MonitorSaga implements Saga {
  constructor(private readonly deps: MonitorDeps) {}

  async run(context: SagaContext): Promise<SagaOutcome> {
    const { task, claim, project } = context;
    const { monitor } = project.policy;
    if (!monitor) return givenBack(context, 'no monitor is configured any more');
    if (!task.landed) throw new Error(`claim ${claim.token} is for a poll of ${task.id}, which has not landed`);
    const { newOid: oid } = task.landed;
    const poll = await this.poll(context, monitor, oid);
    await failpoint('monitor.polled');
    if (poll.kind === 'abandoned') return 'abandoned';
    if (poll.kind === 'unwanted') return givenBack(context, 'postDeployMonitor was switched off');
    if (poll.kind === 'failed') return infraOutcome(this.deps, context, poll);
    const { ok, seen, run, environmentDigest, tail } = poll;
    const { check, everyMs, timeoutMs } = monitor;
    const [checkDigest, asked] = [this.digestOf(check), this.digestOf({ check, everyMs, timeoutMs })];
    const artifact = await this.artifactOf(context, { monitor, oid, asked, checkDigest, ok, seen, tail });
    const found = { oid, ok, seen, run, asked, checkDigest, environmentDigest, artifact };
    return { type: 'ReportMonitorPoll', data: { claim: claim.token, poll: found } };
  }

  private poll(context: SagaContext, { check, timeoutMs }: MonitorPolicy, oid: Oid): Promise<Poll> {
    return check.kind === 'url'
      ? urlPoll(this.deps, context, { check, timeoutMs })
      : commandPoll(this.deps, context, { check, timeoutMs, oid });
  }

  /** Rendered before the append that cites it, as the fold of that very append will see the window. */
  private async artifactOf(
    { task, claim }: SagaContext,
    { monitor, oid, ...found }: Found,
  ): Promise<ArtifactRef | null> {
    const { ok, seen, asked, checkDigest, tail } = found;
    const window = windowAfter(task.monitor, { ok, seen, startedAt: claim.since, asked });
    const status = statusOf(window, monitor);
    if (status === null) return null;
    const text = renderMonitorLog({
      task: task.id,
      title: task.title,
      status,
      window,
      policy: monitor,
      asked: askedText(monitor.check),
      checkDigest,
      subjectOid: oid,
      claim: claim.token,
      runId: claim.runId,
      finishedAt: instant(this.deps.clock.now()),
      tail,
    });
    return { name: artifactFile('monitoring'), digest: await this.deps.artifacts.put(text) };
  }

  private digestOf(asked: MonitorPolicy['check'] | Omit<MonitorPolicy, 'forMs' | 'failures'>): Digest {
    return this.deps.hasher.sha256(canonicalJson(asked as unknown as JsonValue));
  }
}

interface Found {
  readonly monitor: MonitorPolicy;
  readonly oid: Oid;
  readonly asked: Digest;
  readonly checkDigest: Digest;
  readonly ok: boolean;
  readonly seen: string;
  readonly tail: string;
}
