import { Runs } from '../../src/application/conductor/runs';
import { Slots } from '../../src/application/conductor/slots';
import type { TaskExecutor } from '../../src/application/execute-task';
import { EventIdReused, EventTooLarge, InvalidEvent } from '../../src/application/ports/event-store';
import type { Project } from '../../src/application/projects';
import { forEveryJob } from '../../src/domain/task/job-table';
import type { TaskCommand } from '../../src/domain/task/task.commands';
import { buildProject } from '../../src/infrastructure/config/project/build-project';
import { CryptoIds } from '../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { TestClock } from '../projections/support/harness';
import { QuietLogger } from '../support/quiet-logger';
import { given, START } from '../support/given-when-then';
import { contextAt } from '../support/policies';
import { claim, submittedForStaging } from '../support/task-stories';

interface Told {
  readonly commands: readonly TaskCommand[];
  readonly said: readonly string[];
}

/** One job whose result meets `refusal`; what it is answered with instead is taken. */
async function handOver(refusal: () => Promise<unknown>): Promise<Told> {
  const { task: claimed, token } = given(submittedForStaging, claim('staging-suite'));
  const commands: TaskCommand[] = [];
  const said: string[] = [];
  const executor = {
    execute: (_id: string, command: TaskCommand) => {
      commands.push(command);
      if (command.type === 'ReportStale') return refusal();
      const task = command.type === 'ClaimTransition' ? claimed : { ...claimed, claim: null };
      return Promise.resolve({ kind: 'accepted', task, events: [] });
    },
  } as unknown as TaskExecutor;
  const project: Project = buildProject(new NodeHasher(), {
    project: 'web',
    repo: '/srv/web.git',
    staging: { suite: 'true' },
  });
  const logger = Object.assign(new QuietLogger(), { error: (message: string) => said.push(message) });
  const deps = {
    executor,
    sagas: { run: () => Promise.resolve({ type: 'ReportStale', data: { claim: token, headOid: 'f'.repeat(40) } }) },
    lanes: { ensure: () => Promise.resolve(true) },
    clock: new TestClock(() => Date.parse(START)),
    ids: new CryptoIds(),
    host: { self: 'ann' },
    logger,
    contextOf: () => () => contextAt(START),
  } as unknown as ConstructorParameters<typeof Runs>[0];
  const runs = new Runs(deps, {
    slots: new Slots(forEveryJob(() => 1)),
    look: () => undefined,
    lookLater: () => undefined,
    mayClaim: () => true,
  });
  await runs.start(given(submittedForStaging).task, project, { kind: 'staging-suite' });
  await runs.stop();
  return { commands, said };
}

const typesOf = ({ commands }: Told) => commands.map(({ type }) => type);

it('a result that the decider refuses holds the task, instead of being done again without end', async () => {
  const task = given(submittedForStaging, claim('staging-suite')).task;
  const told = await handOver(() => Promise.resolve({ kind: 'rejected', reason: 'wrong-job', detail: 'no', task }));
  expect(typesOf(told)).toEqual(['ClaimTransition', 'ReportStale', 'ReportUnclassified']);
});

it.each([
  new InvalidEvent('STORE_INVALID_EVENT', 'data.reason: text with half a surrogate pair \ud800'),
  new EventTooLarge('STORE_EVENT_TOO_LARGE', 'an append takes at most 3 MiB'),
  new EventIdReused('STORE_EVENT_ID_REUSED', 'stands elsewhere'),
])('a result that the store refuses for good ($code) is a tool error at once, and is not sent again', async (error) => {
  const told = await handOver(() => Promise.reject(error));
  expect(typesOf(told)).toEqual(['ClaimTransition', 'ReportStale', 'ReportInfraFailure']);
  expect(told.commands.at(-1)).toMatchObject({
    data: { failureClass: 'tool-error', failure: { reason: error.code, retryable: false }, run: null },
  });
  expect(told.said).toEqual(['a result was refused']);
});

it('a result over which the program breaks holds the task', async () => {
  const told = await handOver(() => Promise.reject(new TypeError('cannot read properties of undefined')));
  expect(typesOf(told)).toEqual(['ClaimTransition', 'ReportStale', 'ReportUnclassified']);
});
