import type { RunSpec } from '../../src/application/ports/process-runner';
import type { StoredEvent } from '../../src/application/ports/event-store';
import { taskStream } from '../../src/domain/ids';
import type { Violation } from '../support/violation';
import { seeded } from './random';
import type { SimRepository } from './sim-repository';
import type { World } from './world';

/** One history in five deploys what has landed. */
export function hasDeploys(seed: number): boolean {
  return seeded(seed ^ 0xdeb1).chance(0.2);
}

export const DEPLOY = { command: 'deploy', timeoutMs: 60_000, graceMs: 1_000 };

/** A deploy command that was really started. */
export interface Deploy {
  readonly task: string;
  readonly oid: string;
  readonly runId: string;
}

/** Notes that a command starts, where it is a deploy's. */
export function noteDeploy({ deploys }: World, { env, runId }: RunSpec): void {
  const { STAGEGATE_COMMIT: oid, STAGEGATE_TASK: task } = env;
  if (env['STAGEGATE_DEPLOY_PROJECT'] === undefined) return;
  if (oid !== undefined && task !== undefined) deploys.push({ task, oid, runId });
}

/** What its command says is no matter of the commit. @returns null for what is no deploy's. */
export function exitOfDeploy({ deployRandom }: World, { env }: RunSpec): number | null {
  if (env['STAGEGATE_DEPLOY_PROJECT'] === undefined) return null;
  return deployRandom.chance(0.2) ? 1 : 0;
}

/**
 * I40: what was started has its beginning on record, nothing was started more often than a person asked for it, and no commit was
 * deployed over one that contains it. What the log alone tells is in `checkTask`.
 */
export function checkDeploys(
  { deploys }: World,
  repository: SimRepository,
  events: readonly StoredEvent[],
): readonly Violation[] {
  const begun = events.filter(({ type }) => type === 'DeployBegun').map(({ data }) => data['runId']);
  const isAsked = ({ type, data }: StoredEvent) =>
    type === 'VerdictVoided' && data['stage'] === 'deploy' && data['by'] !== 'stagegate';
  const asked = (task: string) => events.filter((event) => event.stream === taskStream(task) && isAsked(event)).length;
  return deploys.flatMap(({ task, oid, runId }, index) => {
    const before = deploys.slice(0, index).filter((other) => other.task === task).length;
    const newer = deploys.slice(0, index).find((other) => other.oid !== oid && repository.isAncestor(oid, other.oid));
    const faults = [
      ...(begun.includes(runId) ? [] : [`run ${runId} was started, and nothing says that it begins`]),
      ...(before > asked(task) ? [`run ${runId} is one more than people have asked for`] : []),
      ...(newer ? [`${oid} was deployed over ${newer.oid} of ${newer.task}`] : []),
    ];
    return faults.map((detail) => ({ invariant: 'I40', stream: taskStream(task), revision: 0n, detail }));
  });
}
