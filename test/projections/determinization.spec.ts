import { RequestRefused } from '../../src/application/refusals';
import { getDeterminization } from '../../src/projections/determinization/get-determinization.query';
import { ProjectionRunner } from '../../src/projections/following/projection-runner';
import { PROJECTIONS } from '../../src/projections/projections';
import type { ReadModels } from '../../src/projections/read-models';
import type { SaidOfUsage, TaskEvent } from '../../src/domain/task/task.events';
import { HEAD, RUN, SUITE_DIGEST, TREE } from '../support/task-stories';
import { onEveryDatabase } from './support/databases';
import { modelsOn, NoProjects, runnerDeps, Workspace } from './support/harness';
import { LogWriter } from './support/log-writer';
import { ReadableLog } from './support/readable-log';
import { claimed, submitted } from './support/scenario';

const USAGE = { inputTokens: 1_000, outputTokens: 100, costUsd: 0.25 };

interface Ran {
  /** Revision of its claim. */
  readonly at: number;
  readonly status?: 'SUCCESS' | 'FAILED';
  readonly head?: string;
  readonly said?: SaidOfUsage;
}

/** A deployer's claim, its end after ten seconds, and its verdict; without one it has made an error. */
function deployer({ at, status, head = HEAD, said = {} }: Ran): readonly TaskEvent[] {
  const claim = String(at);
  const run = { ...RUN, runId: `agent-${at}`, durationMs: 10_000 };
  const took: TaskEvent = claimed({ kind: 'agent', role: 'deployer' }, run.runId);
  const begun = { ...took, data: { ...took.data, stage: 'deploy-staging', headOid: head } } as TaskEvent;
  if (status === undefined) {
    const error = { role: 'deployer', reason: 'no-artifact', detail: 'none', spends: null } as const;
    return [begun, { type: 'AgentJobErrored', data: { claim, run, retryAt: RUN.finishedAt, ...error, ...said } }];
  }
  return [
    begun,
    { type: 'AgentJobFinished', data: { claim, role: 'deployer', run, headOid: null, cost: null, ...said } },
    {
      type: 'VerdictRecorded',
      data: {
        ...{ stage: 'deploy-staging', status, passed: status === 'SUCCESS', cause: null, runId: run.runId, claim },
        ...{ subjectOid: head, treeOid: TREE, baseOid: null, suiteDigest: null, environmentDigest: null },
        ...{ artifact: null, producer: 'deployer', source: 'agent' },
      },
    },
  ];
}

/** The suite beside the claim at this revision, after four seconds. */
function shadow(at: number, status: 'SUCCESS' | 'FAILED' | null, headOid = HEAD): TaskEvent {
  const failure = { reason: 'timeout', retryable: true, evidence: [], step: 'suite' };
  return {
    type: 'ShadowSuiteFinished',
    data: {
      ...{ claim: String(at), stage: 'deploy-staging', runId: `agent-${at}-shadow`, headOid, status, treeOid: TREE },
      ...{ suiteDigest: SUITE_DIGEST, durationMs: 4_000, run: RUN, failure: status === null ? failure : null },
    },
  };
}

onEveryDatabase((database) => {
  const space = new Workspace(database);
  const store = new ReadableLog();
  let models: ReadModels;
  let runner: ProjectionRunner;

  beforeAll(async () => {
    const log = new LogWriter(store);
    const task = (id: string, ...events: readonly TaskEvent[]) => log.task(id, ...submitted(id), ...events);
    const db = await space.open();
    runner = new ProjectionRunner(runnerDeps(store, db), PROJECTIONS);
    models = modelsOn(store, db);
    // An error, then a verdict, about one commit: one pair, two runs.
    await task(
      'web.agree',
      ...deployer({ at: 2, said: { usage: USAGE } }),
      shadow(2, 'SUCCESS'),
      ...deployer({ at: 5, status: 'SUCCESS', said: { usage: { ...USAGE, costUsd: 0.5 } } }),
    );
    await runner.catchUp();
    // The suite is the slower one.
    await task('web.differ', ...deployer({ at: 2, status: 'SUCCESS' }), shadow(2, 'FAILED'));
    await task('web.away', ...deployer({ at: 2, status: 'FAILED', said: { usage: USAGE } }), shadow(2, null));
    await task('web.none', ...deployer({ at: 2 }), shadow(2, 'FAILED'));
    await task('web.alone', ...deployer({ at: 2, status: 'SUCCESS', said: { usage: USAGE } }));
    await task('api.cheap', ...deployer({ at: 2, status: 'FAILED' }), shadow(2, 'FAILED'));
    await runner.catchUp();
  });
  afterAll(() => space.remove());

  const shown = (project: string | null) => getDeterminization({ models, projects: new NoProjects() }, project);

  it('pairs what agent and suite said of one commit, and says what a switch would have saved', async () => {
    const { roles, shadows } = await shown('web');
    expect(roles).toMatchObject([
      {
        ...{ role: 'deployer', runs: 6, finished: 4, errored: 2, verdicts: { FAILED: 1, SUCCESS: 3 } },
        ...{ durationMs: 60_000, counted: 4, inputTokens: 4_000, outputTokens: 400, priced: 4, costUsd: 1.25 },
      },
    ]);
    expect(shadows).toEqual([
      {
        ...{ stage: 'deploy-staging', role: 'deployer', runner: 'staging-runner' },
        matrix: {
          passed: { passed: 1, failed: 1, notExecuted: 0 },
          failed: { passed: 0, failed: 0, notExecuted: 1 },
          none: { passed: 0, failed: 1, notExecuted: 0 },
        },
        ...{ compared: 2, agreed: 1, agreement: 0.5 },
        disagreements: [
          {
            ...{ task: 'web.differ', agent: 'passed', suite: 'failed', reason: null },
            ...{ agentRunId: 'agent-2', suiteRunId: 'agent-2-shadow' },
          },
        ],
        agent: {
          ...{ runs: 4, durationMs: 40_000, counted: 2, inputTokens: 2_000, outputTokens: 200, cachedTokens: 0 },
          ...{ priced: 2, costUsd: 0.75 },
        },
        suite: { runs: 3, durationMs: 12_000 },
        saved: {
          ...{ durationMs: 28_000, inputTokens: 2_000, outputTokens: 200, cachedTokens: 0, costUsd: 0.75, fromRuns: 4 },
        },
      },
    ]);
  });

  it('invents nothing: where no run has told a cost there is none', async () => {
    const [stage] = (await shown('api')).shadows;
    expect(stage).toMatchObject({ agreement: 1, agent: { counted: 0, costUsd: null }, saved: { costUsd: null } });
    expect((await shown('api')).roles).toMatchObject([{ priced: 0, costUsd: null }]);
  });

  it('is of all projects together, and of none that nobody knows', async () => {
    const { shadows } = await shown(null);
    expect(shadows).toMatchObject([{ compared: 3, agreed: 2, saved: { fromRuns: 5 } }]);
    await expect(shown('wbe')).rejects.toThrow(RequestRefused);
  });

  it('is the same after a rebuild', async () => {
    const followed = await Promise.all(['web', 'api', null].map(shown));
    await runner.rebuild();
    expect(await Promise.all(['web', 'api', null].map(shown))).toEqual(followed);
  });
});
