import { Runs } from '../../src/application/conductor/runs';
import { Slots } from '../../src/application/conductor/slots';
import type { TaskExecutor } from '../../src/application/execute-task';
import type { SagaContext, SagaOutcome } from '../../src/application/sagas/saga';
import { jobsOf } from '../../src/domain/task/job';
import { forEveryJob } from '../../src/domain/task/job-table';
import { laneJob, wantsLane } from '../../src/domain/task/next-step';
import type { TaskCommand } from '../../src/domain/task/task.commands';
import { explain } from '../../src/domain/task/words/why';
import { checkReaperBound } from '../../src/infrastructure/config/project/reaper-bound';
import { buildProject } from '../../src/infrastructure/config/project/build-project';
import { CryptoIds } from '../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { claimedOf } from '../../src/projections/queue/queue-blocks';
import { counterOf } from '../../src/projections/queue/projectors/queue-count.projector';
import { TestClock } from '../projections/support/harness';
import { addLicenceGate, LICENCE_MS, LICENCES } from '../support/licence-job';
import { contextOf, given, happened, START, type Line } from '../support/given-when-then';
import { contextAt, TASK } from '../support/policies';
import { QuietLogger } from '../support/quiet-logger';
import {
  after,
  claim,
  evidenceFound,
  HEAD,
  infraFailed,
  lane,
  MINUTE,
  observeHead,
  readyToLand,
} from '../support/task-stories';

addLicenceGate();
const licences = LICENCES.kind;
const NEXT = 'the next worker with a free slot checks the licences';
/** Rebased and re-tested green; the next gate has a job. */
const mergeable: Line = readyToLand;
const project = buildProject(new NodeHasher(), { project: 'web', repo: '/srv/web.git', staging: { suite: 'true' } });

describe('a gate with a job behind the merge gate, known from the tables alone,', () => {
  test('has its job run next, in its stage, and is explained', () => {
    const story = given(mergeable).thenNext('run', licences).thenTask({ stage: 'deploy-staging' });
    const { status, next } = explain(story.next);
    expect({ status, next }).toEqual({ status: 'ready', next: NEXT });
    expect(given(mergeable, claim(licences)).next.why.text).toContain('licence-check is running');
  });

  test('keeps the lane until the landing', () => {
    const wants = (...story: readonly Line[]) => {
      const { world } = given(...story);
      const { policy, surroundings } = contextOf(world);
      return wantsLane(world.task, world.at, policy, surroundings);
    };
    expect([wants(mergeable), wants(mergeable, claim(licences))]).toEqual([true, true]);
    expect(laneJob(given(mergeable).task)).toEqual(LICENCES);
    given(mergeable, lane({ holder: { taskId: 'task-9', epoch: '9' }, nextInLine: null })).thenNext(
      'wait',
      'lane-busy',
    );
  });

  test('lets the task go on to its landing when it passes', () => {
    given(mergeable, claim(licences))
      .when(evidenceFound({ unknown: 19 }))
      .then('EvidenceRecorded', happened('GateEvaluated', { result: 'pass' }), 'GateEvaluated', 'StageAdvanced')
      .thenNext('run', 'landing')
      .thenTask({ claim: null });
  });

  test('sends the task back when it fails, at the price of a developer retry', () => {
    given(mergeable, claim(licences))
      .when(evidenceFound({ unknown: 21 }))
      .then('EvidenceRecorded', happened('GateEvaluated', { result: 'fail' }), 'StageRolledBack')
      .thenTask({ stage: 'development', spent: { 'developer:task': 1 }, lastReason: 'licences' });
  });

  test('is asked once about its evidence: without an answer the task is held', () => {
    given(mergeable, claim(licences))
      .when(evidenceFound({}))
      .then('EvidenceRecorded', 'TaskHeld', 'AlertRaised')
      .thenTask({ hold: { reason: 'unclassified' } });
  });

  test('judges the candidate: evidence about another commit, or of a job that no gate waits for, is refused', () => {
    const measuring = given(mergeable, claim(licences));
    measuring.when(evidenceFound({ unknown: 1 }, HEAD)).thenRejected('other-candidate');
    given(readyToLand, claim(licences), evidenceFound({ unknown: 1 }), claim('landing'))
      .when(evidenceFound({ unknown: 1 }))
      .thenRejected('wrong-job');
    given(mergeable, claim(licences), evidenceFound({ unknown: 1 }), observeHead()).thenTask({ evidence: {} });
  });

  test('infra failures are forgotten once the evidence is there', () => {
    given(
      mergeable,
      claim(licences),
      infraFailed(),
      after(30 * MINUTE),
      claim(licences),
      evidenceFound({ unknown: 10 }),
    ).thenTask({ spent: {}, failure: null, deferral: null });
  });

  test('may be late by infrastructure, and ends held, never red', () => {
    const late = given(mergeable, claim(licences)).when(infraFailed()).then('ToolErrored', 'RunDeferred');
    late.thenNext('wait', 'deferred').thenTask({ spent: { [`infra:${licences}`]: 1 } });
    const tries = [1, 2, 3].flatMap((): Line[] => [claim(licences), infraFailed(), after(30 * MINUTE)]);
    given(mergeable, tries, claim(licences))
      .when(infraFailed())
      .then('ToolErrored', 'InfraBudgetExhausted', 'TaskHeld', 'AlertRaised')
      .thenTask({ stage: 'deploy-staging', hold: { reason: 'infra-exhausted' } });
  });

  test('is counted and shown by its block of the queue', () => {
    const { events } = given(mergeable, claim(licences)).when(infraFailed());
    const counted = events.map((event) =>
      counterOf({ of: 'task', task: TASK, project: 'web', event } as unknown as Parameters<typeof counterOf>[0]),
    );
    expect(counted).toEqual(['merge_gate.timeouts', 'merge_gate.deferred']);
    expect(claimedOf([{ job: licences, until: START }], 'merge_gate')).toBe(1);
  });

  test('is bounded: by the bound of the reaper, and by its own limit', async () => {
    const { policy } = project;
    expect(jobsOf(policy)).toContainEqual(LICENCES);
    expect(() => {
      checkReaperBound(LICENCE_MS / 1000 - 1, [project]);
    }).toThrow('the longest that licence-check of project web may take');
    jest.useFakeTimers();
    try {
      const bed = new Bed();
      const started = bed.start();
      await jest.advanceTimersByTimeAsync(LICENCE_MS - 1);
      expect(bed.reports()).toEqual([]);
      await jest.advanceTimersByTimeAsync(1);
      await started;
      expect(bed.reports()).toMatchObject([{ type: 'ReportInfraFailure', data: { failureClass: 'timeout' } }]);
    } finally {
      jest.useRealTimers();
    }
  });

  test('is told to stop at shutdown, and its claim is given back', async () => {
    const bed = new Bed();
    await bed.start();
    await bed.runs.stop();
    expect(bed.reports()).toMatchObject([{ type: 'ReleaseClaim' }]);
  });
});

/** One process that runs the job, whose saga does nothing until it is told to stop. */
class Bed {
  readonly runs: Runs;
  private readonly commands: TaskCommand[] = [];

  constructor() {
    const claimed = given(mergeable, claim(licences)).task;
    const executor = {
      execute: (_id: string, command: TaskCommand) => {
        this.commands.push(command);
        const task = command.type === 'ClaimTransition' ? claimed : { ...claimed, claim: null };
        return Promise.resolve({ kind: 'accepted', task, events: [] });
      },
    } as unknown as TaskExecutor;
    const deps = {
      executor,
      sagas: { run: untilStopped },
      lanes: { ensure: () => Promise.resolve(true) },
      clock: new TestClock(() => Date.parse(START)),
      ids: new CryptoIds(),
      host: { self: 'ann' },
      logger: new QuietLogger(),
      contextOf: () => () => contextAt(START),
    } as unknown as ConstructorParameters<typeof Runs>[0];
    const nothing = () => undefined;
    const options = { slots: new Slots(forEveryJob(() => 1)), look: nothing, lookLater: nothing, mayClaim: () => true };
    this.runs = new Runs(deps, options);
  }

  start(): Promise<void> {
    return this.runs.start(given(mergeable).task, project, LICENCES);
  }

  /** What became of the job. */
  reports(): readonly TaskCommand[] {
    return this.commands.filter(({ type }) => type !== 'ClaimTransition');
  }
}

function untilStopped({ signal }: SagaContext): Promise<SagaOutcome> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve('abandoned');
    });
  });
}
