import type { RunResult, RunSpec } from '../../src/application/ports/process-runner';
import { MergeGateSaga, type MergeGateDeps } from '../../src/application/sagas/merge-gate.saga';
import { environmentDigest, suiteDigest } from '../../src/application/sagas/suite-run';
import { SWITCH_NAMES, type Switches } from '../../src/domain/policy/switches';
import { buildProject } from '../../src/infrastructure/config/project/build-project';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { BASE, CANDIDATE, claim, HEAD, MERGED_TREE, stagedGreen, TREE } from '../support/task-stories';
import { MidJob, ranWith, timedOut } from './mid-job';

const MOMENTS = ['fetch', 'candidate', 'clone', 'set-up', 'suite'] as const;
type Moment = (typeof MOMENTS)[number];

const hasher = new NodeHasher();
const suite = { suite: 'suite', setup: 'set-up' };
const project = buildProject(hasher, { project: 'web', repo: '/r.git', staging: suite });

interface World {
  readonly suiteEnds?: (spec: RunSpec) => RunResult;
  /** The branch is on main's commit already, and its very tree was green in staging. */
  readonly isProven?: boolean;
}

/** Does one merge gate, on ports that answer at once. */
async function doJob(
  moment: Moment,
  flip: Partial<Switches>,
  { suiteEnds = (spec) => ranWith(0, spec), isProven = false }: World = {},
) {
  const mid = new MidJob<Moment>(moment, flip);
  const begun: RunSpec[] = [];
  const run = (spec: RunSpec): Promise<RunResult> => {
    begun.push(spec);
    const isSetup = spec.runId.endsWith('-setup');
    mid.at(isSetup ? 'set-up' : 'suite');
    return Promise.resolve(isSetup ? ranWith(0, spec) : suiteEnds(spec));
  };
  const git = {
    fetch: () => {
      mid.at('fetch');
      return Promise.resolve({ headOid: HEAD, baseOid: BASE, headTree: TREE, containsBase: isProven });
    },
    rebase: () => {
      mid.at('candidate');
      return Promise.resolve({ kind: 'rebased', newOid: CANDIDATE, treeOid: MERGED_TREE });
    },
    keepCandidate: () => {
      mid.at('candidate');
      return Promise.resolve({ treeOid: TREE });
    },
    disposableClone: () => {
      mid.at('clone');
      return Promise.resolve({ dir: '/clone', dispose: () => Promise.resolve() });
    },
  };
  const deps = {
    git,
    runner: { run },
    host: { pick: () => ({}), release: 'r', isolation: 'L2-cgroup', logFile: () => '/log' },
    hasher,
    history: { baseline: () => Promise.resolve(null) },
    testHistory: { onMain: () => Promise.resolve(null) },
    artifacts: { put: () => Promise.resolve('7'.repeat(64)), ensureNamed: () => Promise.resolve({ kind: 'same' }) },
  } as unknown as MergeGateDeps;
  const { retest } = project.policy;
  const proven = {
    suiteDigest: suiteDigest(hasher, retest),
    environmentDigest: environmentDigest(deps, retest, 'L2-cgroup'),
    policyDigest: project.policyDigest,
  };
  const context = mid.contextFor([stagedGreen, claim('merge-gate')], project, (task) => {
    const staged = task.verdicts['deploy-staging'];
    if (!staged) throw new Error('the story has no verdict of staging');
    return { ...task, verdicts: { ...task.verdicts, 'deploy-staging': { ...staged, ...proven } } };
  });
  const outcome = await new MergeGateSaga(deps).run(context);
  return { outcome: outcome === 'abandoned' ? outcome : outcome.type, begun, context };
}

const each = MOMENTS.flatMap((moment) => SWITCH_NAMES.map((name) => [name, moment] as const));

it.each(each)('goes on to the end of its re-test when %s goes off during its %s', async (name, moment) => {
  const { outcome, begun } = await doJob(moment, { [name]: false });
  expect({ outcome, begun: begun.length }).toEqual({ outcome: 'ReportRetest', begun: 2 });
});

it('has what it starts ended whole, or not, as the switch is when each command starts', async () => {
  const asked = async (moment: Moment) =>
    (await doJob(moment, { subprocessTreeKill: false })).begun.map(({ treeKill }) => treeKill);
  for (const moment of ['fetch', 'candidate', 'clone'] as const) expect(await asked(moment)).toEqual([false, false]);
  expect(await asked('set-up')).toEqual([true, false]);
  expect(await asked('suite')).toEqual([true, true]);
});

it.each([
  ['nothing goes off', {}, 'fetch', 'ReportRetestSkipped'],
  ['skipping goes off while it looks at the branches', { mergeRetestSkipWhenCurrent: false }, 'fetch', 'ReportRetest'],
  [
    'skipping goes off while it keeps the candidate',
    { mergeRetestSkipWhenCurrent: false },
    'candidate',
    'ReportRetest',
  ],
  [
    'whole trees are not ended any more, which was another level',
    { subprocessTreeKill: false },
    'fetch',
    'ReportRetest',
  ],
  ['the staging-runner goes off', { stagingRunner: false }, 'candidate', 'ReportRetestSkipped'],
] as const)('a re-test that is proven needless, when %s', async (_what, flip, moment, type) => {
  const { outcome } = await doJob(moment, flip, { isProven: true });
  expect(outcome).toBe(type);
});

it.each(MOMENTS)('a time-out ends it for good when retries go off during its %s, and not before', async (moment) => {
  const failed = {
    failureClass: 'timeout',
    failure: { reason: 'timeout', retryable: true, evidence: [], step: 'suite' },
  } as const;
  const world = { suiteEnds: timedOut };
  const [on, off] = [await doJob(moment, {}, world), await doJob(moment, { mergeInfraRetry: false }, world)];
  expect([on.outcome, off.outcome]).toEqual(['ReportInfraFailure', 'ReportInfraFailure']);
  expect([on.context.effectOf(failed), off.context.effectOf(failed)]).toEqual(['defer', 'exhausted']);
});
