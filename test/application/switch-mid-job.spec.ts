import type { RunResult, RunSpec } from '../../src/application/ports/process-runner';
import type { SagaContext } from '../../src/application/sagas/saga';
import { SuiteRunnerSaga, type SuiteRunnerDeps } from '../../src/application/sagas/suite-runner.saga';
import { buildProject } from '../../src/infrastructure/config/project/build-project';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import type { Switches } from '../../src/domain/policy/switches';
import { given, type Line } from '../support/given-when-then';
import { ranWith } from './mid-job';
import { ALL_ON, agents } from '../support/policies';
import { claim, HEAD, BASE, TREE, policy, submittedAt, submittedForStaging } from '../support/task-stories';

/** Where in a job somebody sets a switch. */
const MOMENTS = ['fetch', 'clone', 'set-up', 'suite'] as const;
type Moment = (typeof MOMENTS)[number];

const hasher = new NodeHasher();
const suite = { suite: 'suite', setup: 'set-up' };
const project = buildProject(hasher, { project: 'web', repo: '/r.git', staging: suite, testing: suite });
const JOBS: readonly (readonly [job: 'staging-suite' | 'testing-suite', switchedBy: keyof Switches, story: Line])[] = [
  ['staging-suite', 'stagingRunner', [submittedForStaging, claim('staging-suite')]],
  [
    'testing-suite',
    'testRunner',
    [policy({ ...agents('tester'), testing: project.policy.staging }), submittedAt('testing'), claim('testing-suite')],
  ],
];

/** Does one job, on ports that answer at once; `flip` is set at the moment that is named. */
async function doJob(story: Line, moment: Moment, flip: Partial<Switches>) {
  let switches = ALL_ON;
  const at = (now: Moment) => {
    if (now === moment) switches = { ...ALL_ON, ...flip };
  };
  const begun: RunSpec[] = [];
  const run = (spec: RunSpec): Promise<RunResult> => {
    begun.push(spec);
    at(spec.runId.endsWith('-setup') ? 'set-up' : 'suite');
    return Promise.resolve(ranWith(0, spec));
  };
  const git = {
    fetch: () => {
      at('fetch');
      return Promise.resolve({ headOid: HEAD, baseOid: BASE, headTree: TREE });
    },
    disposableClone: () => {
      at('clone');
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
    artifacts: { put: () => Promise.resolve('7'.repeat(64)) },
  } as unknown as SuiteRunnerDeps;
  const { task } = given(story);
  const context = {
    task,
    claim: task.claim,
    project,
    get switches() {
      return switches;
    },
    signal: new AbortController().signal,
  } as unknown as SagaContext;
  const outcome = await new SuiteRunnerSaga(deps).run(context);
  return { outcome: outcome === 'abandoned' ? outcome : outcome.type, begun };
}

describe.each(JOBS)('%s', (_job, switchedBy, story) => {
  it.each([
    ['fetch', 'ReleaseClaim', 0],
    ['clone', 'ReleaseClaim', 0],
    ['set-up', 'ReleaseClaim', 1],
    ['suite', 'ReportSuiteRun', 2],
  ] as const)(
    'whose runner is switched off during its %s ends in %s, and starts nothing more',
    async (moment, type, starts) => {
      const { outcome, begun } = await doJob(story, moment, { [switchedBy]: false });
      expect({ outcome, begun: begun.length }).toEqual({ outcome: type, begun: starts });
    },
  );

  it.each(MOMENTS)('goes on when any other switch is set during its %s', async (moment) => {
    const others = { ...ALL_ON, ...Object.fromEntries(Object.keys(ALL_ON).map((name) => [name, name === switchedBy])) };
    expect((await doJob(story, moment, others)).outcome).toBe('ReportSuiteRun');
  });

  it('has what it starts ended whole, or not, as the switch is when each command starts', async () => {
    const asked = async (moment: Moment) =>
      (await doJob(story, moment, { subprocessTreeKill: false })).begun.map(({ treeKill, minIsolation }) => [
        treeKill,
        minIsolation,
      ]);
    const [whole, direct] = [
      [true, 'L1'],
      [false, 'none'],
    ];
    expect(await asked('clone')).toEqual([direct, direct]);
    expect(await asked('set-up')).toEqual([whole, direct]);
    expect(await asked('suite')).toEqual([whole, whole]);
  });
});
