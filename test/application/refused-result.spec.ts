import { Runs } from '../../src/application/conductor/runs';
import { Slots } from '../../src/application/conductor/slots';
import type { TaskExecutor } from '../../src/application/execute-task';
import type { Project } from '../../src/application/projects';
import type { TaskCommand } from '../../src/domain/task/task.commands';
import { buildProject } from '../../src/infrastructure/config/build-project';
import { CryptoIds } from '../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { TestClock } from '../projections/support/harness';
import { QuietLog } from '../support/quiet-log';
import { given, START } from '../support/given-when-then';
import { contextAt } from '../support/policies';
import { claim, submittedForStaging } from '../support/task-stories';

const ONE = { 'staging-suite': 1, agent: 1, 'merge-gate': 1, landing: 1, 'landing-recovery': 1 };

it('a result that the decider refuses holds the task, instead of being done again without end', async () => {
  const claimed = given(submittedForStaging, claim('staging-suite')).task;
  const told: TaskCommand['type'][] = [];
  const executor = {
    execute: (_id: string, { type }: TaskCommand) => {
      told.push(type);
      if (type === 'ReportStale')
        return Promise.resolve({ kind: 'rejected', reason: 'wrong-job', detail: 'no', task: claimed });
      return Promise.resolve({
        kind: 'accepted',
        task: type === 'ClaimTransition' ? claimed : { ...claimed, claim: null },
        events: [],
      });
    },
  } as unknown as TaskExecutor;
  const project: Project = buildProject(new NodeHasher(), {
    project: 'web',
    repo: '/srv/web.git',
    staging: { suite: 'true' },
  });
  const deps = {
    executor,
    sagas: { run: () => Promise.resolve({ type: 'ReportStale', data: { claim: '8', headOid: 'f'.repeat(40) } }) },
    lanes: { ensure: () => Promise.resolve(true) },
    clock: new TestClock(() => Date.parse(START)),
    ids: new CryptoIds(),
    host: { self: 'ann' },
    out: new QuietLog(),
    contextOf: () => () => contextAt(START),
  } as unknown as ConstructorParameters<typeof Runs>[0];
  const runs = new Runs(deps, { slots: new Slots(ONE), look: () => undefined, mayClaim: () => true });
  await runs.start(given(submittedForStaging).task, project, { kind: 'staging-suite' });
  await runs.stop();
  expect(told).toEqual(['ClaimTransition', 'ReportStale', 'ReportUnclassified']);
});
