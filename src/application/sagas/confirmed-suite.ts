import { findingOf } from '../../domain/merge/colours';
import { confirmsRed, seenBefore, type TestedTree } from '../../domain/task/seen-before';
import type { SuitePolicy } from '../../domain/policy/project-policy';
import type { DisposableClone } from '../ports/git-workspace';
import type { SagaContext } from './saga';
import { environmentDigest, runSuite, suiteDigest, suiteRunOf } from './suite-run';
import type { SuiteDeps, SuiteOutcome } from './suite-run';

export interface JudgedSuite {
  readonly suite: SuitePolicy;
  readonly treeOid: string;
  /** Whether all of main's commits are in it. */
  readonly containsMain: boolean;
  /** Asked right before each command is started. */
  readonly isWanted: () => boolean;
  /** A clone of what is tested, under a name that nothing else has. */
  readonly cloneAs: (name: string) => Promise<DisposableClone>;
}

export type Executed = Extract<SuiteOutcome, { kind: 'executed' }>;

export type ConfirmedOutcome =
  | Exclude<SuiteOutcome, Executed>
  /** `first`: the red that this run was to confirm. */
  | (Executed & { readonly first: Executed | null; readonly tested: TestedTree });

/** Names of the second run, of its clone and of its log begin with those of the first. */
const CONFIRMING = '-confirm';

/**
 * Runs a suite on a tree, and a red that nothing else has confirmed once more, in a clone of its own. Between the two runs the red is
 * recorded: whatever ends this job, the next run on the tree confirms it or contradicts it.
 *
 * @param first is disposed of, whatever happens.
 */
export async function runConfirmed(
  deps: SuiteDeps,
  context: SagaContext,
  judged: JudgedSuite,
  first: DisposableClone,
): Promise<ConfirmedOutcome> {
  const { claim, project, switches, task } = context;
  const { runId } = claim;
  const one = await runIn(deps, context, judged, first, runId);
  if (one.kind !== 'executed') return one;
  const tested = testedTree(deps, judged, one);
  const isConfirmed = confirmsRed(claim.job, project.policy, switches);
  const before = seenBefore(task, tested, isConfirmed);
  const colour = one.run.exitCode === 0 ? 'green' : 'red';
  if (findingOf(colour, before, isConfirmed) !== 'unconfirmed') return { ...one, first: null, tested };
  const { treeOid, suiteDigest: digest } = tested;
  const red = { claim: claim.token, run: one.run, treeOid, suiteDigest: digest };
  if (!(await context.record({ type: 'RecordRed', data: red }))) return { kind: 'aborted' };
  const again = `${runId}${CONFIRMING}`;
  const two = await runIn(deps, context, judged, await judged.cloneAs(again), again);
  return two.kind === 'executed' ? { ...two, first: one, tested } : two;
}

async function runIn(
  deps: SuiteDeps,
  context: SagaContext,
  { suite, treeOid, isWanted, containsMain }: JudgedSuite,
  clone: DisposableClone,
  runId: string,
): Promise<SuiteOutcome> {
  try {
    return await runSuite(deps, { ...suiteRunOf(context, clone, treeOid), suite, isWanted, runId, containsMain });
  } finally {
    await clone.dispose();
  }
}

function testedTree(deps: SuiteDeps, { suite, treeOid }: JudgedSuite, { run }: Executed): TestedTree {
  return {
    treeOid,
    suiteDigest: suiteDigest(deps.hasher, suite),
    environmentDigest: environmentDigest(deps, suite, run.isolation),
  };
}
