import type { Digest, Oid } from '../ids';
import type { ColourSeen } from '../merge/colours';
import type { ProjectPolicy } from '../policy/project-policy';
import type { Switches } from '../policy/switches';
import type { Job } from './job';
import { JOBS } from './job-table';
import type { RedOnce, SubmittedTask } from './task.state';

/** The very thing that a suite is run on. */
export interface TestedTree {
  readonly treeOid: Oid;
  readonly suiteDigest: Digest;
  readonly environmentDigest: Digest;
}

/** Whether a red of this job's suite runs once more before it counts. */
export function confirmsRed(
  { kind }: Job,
  policy: ProjectPolicy,
  { confirmRed }: Pick<Switches, 'confirmRed'>,
): boolean {
  return confirmRed && JOBS[kind].confirmsRed(policy);
}

/**
 * What an earlier run has said of the very tree: a red that is to be confirmed, or, where reds are confirmed, a green verdict of
 * the same suite in the same environment.
 */
export function seenBefore(task: SubmittedTask, tree: TestedTree, isConfirmed: boolean): ColourSeen | null {
  const { redOnce } = task;
  if (redOnce && isOfTree(redOnce, tree)) {
    const { runId, failed } = redOnce;
    return { colour: 'red', runId, ...(failed ? { failed } : {}) };
  }
  const green = isConfirmed ? greenOf(task, tree) : undefined;
  return green ? { colour: 'green', runId: green.runId } : null;
}

function isOfTree(red: RedOnce, { treeOid, suiteDigest }: TestedTree): boolean {
  return red.treeOid === treeOid && red.suiteDigest === suiteDigest;
}

function greenOf({ verdicts }: SubmittedTask, tree: TestedTree) {
  const ofRunner = [verdicts.testing, verdicts['deploy-staging']].filter((verdict) => verdict?.source === 'runner');
  const keys = ['treeOid', 'suiteDigest', 'environmentDigest'] as const;
  return ofRunner.find((verdict) => verdict?.passed && keys.every((key) => verdict[key] === tree[key]));
}
