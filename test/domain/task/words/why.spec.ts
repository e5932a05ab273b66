import { DEFAULT_BUDGETS } from '../../../../src/domain/policy/project-policy';
import { explain, explanationLines } from '../../../../src/domain/task/words/why';
import { labelledLines } from '../../../../src/domain/task/words/why-lines';
import { given, type Line } from '../../../support/given-when-then';
import { agents, OTHER_TASK } from '../../../support/policies';
import {
  after,
  agentDone,
  agentError,
  cancel,
  claim,
  conflicted,
  deployed,
  deploying,
  forgery,
  hold,
  infraFailed,
  interrupted,
  landing,
  landingLost,
  lane,
  lockBusy,
  MINUTE,
  policy,
  polls,
  readyToLand,
  reap,
  rebasedOnto,
  redSeen,
  repeat,
  retested,
  RUN,
  stagedGreen,
  submit,
  submittedForStaging,
  suiteRan,
  switches,
  toMonitor,
} from '../../../support/task-stories';

const staged = [submittedForStaging, claim('staging-suite')];
const noProgram = infraFailed('command_not_found', {
  failureClass: 'tool-error',
  retryable: false,
  exitCode: 127,
  program: 'no-such',
});
const setup = infraFailed('setup_failed', { failureClass: 'tool-error', exitCode: 1 });
const gitSaid = infraFailed('GIT_FAILED', {
  failureClass: 'tool-error',
  retryable: false,
  evidence: ['git rebase in /srv/own: fatal: \u001b[31mbad\nstatus   landed\ndo       nothing'],
});
const busyLane = lane({ holder: { taskId: OTHER_TASK, epoch: '9' }, nextInLine: null });

const STORIES: readonly (readonly [name: string, story: Line])[] = [
  ['ready', submittedForStaging],
  ['ready for the merge gate', stagedGreen],
  ['ready to land', readyToLand],
  ['interrupted', interrupted],
  ['an agent can start', [policy(agents('analyst')), submit()]],
  ['running', staged],
  ['its time is up', [staged, after(30 * MINUTE)]],
  ['deferred', [staged, infraFailed()]],
  ['in the queue', [stagedGreen, busyLane]],
  ['held by a person', [stagedGreen, hold]],
  ['held for a program that is missing', [staged, noProgram]],
  [
    'held for a set-up that failed twice',
    [
      policy({ budgets: { ...DEFAULT_BUDGETS, infra: 1 } }),
      staged,
      setup,
      after(MINUTE),
      claim('staging-suite'),
      setup,
    ],
  ],
  ['held for git', [stagedGreen, claim('merge-gate'), gitSaid]],
  [
    'held for a lock',
    [stagedGreen, repeat(2, claim('merge-gate'), lockBusy, after(-55 * MINUTE)), claim('merge-gate'), lockBusy],
  ],
  [
    'held for crashes',
    [
      policy({ budgets: { ...DEFAULT_BUDGETS, crash: 1 } }),
      submittedForStaging,
      repeat(2, claim('staging-suite'), reap()),
    ],
  ],
  ['held for reds', [policy({ budgets: { ...DEFAULT_BUDGETS, developer: 0 } }), staged, suiteRan({ exitCode: 1 })]],
  [
    'held for an agent',
    [
      policy({ ...agents('reviewer'), budgets: { ...DEFAULT_BUDGETS, agent: 0 } }),
      submit({ startStage: 'review' }),
      claim('reviewer'),
      agentError('reviewer'),
    ],
  ],
  [
    'held for landings that were lost',
    [policy({ budgets: { ...DEFAULT_BUDGETS, landing: 0 } }), landing, landingLost()],
  ],
  ['held for a gate', [policy({ requiredGates: ['check_security'] }), readyToLand]],
  ['held for a forgery', [stagedGreen, claim('merge-gate'), forgery]],
  ['sent back by a red suite', [staged, suiteRan({ exitCode: 3 })]],
  [
    'sent back by a red re-test',
    [
      stagedGreen,
      claim('merge-gate'),
      rebasedOnto(),
      redSeen(),
      retested({ run: { ...RUN, runId: 'run-of-the-retest', exitCode: 1 } }),
    ],
  ],
  [
    'held for two colours of a re-test',
    [stagedGreen, claim('merge-gate'), rebasedOnto(), redSeen(), retested({ run: { ...RUN, runId: 'run-after' } })],
  ],
  ['sent back by a conflict', [stagedGreen, claim('merge-gate'), conflicted('price.js', 'a b.js')]],
  [
    'sent back by a reviewer',
    [
      policy(agents('reviewer')),
      submit({ startStage: 'review' }),
      claim('reviewer'),
      agentDone('reviewer', 'REQUEST_CHANGES'),
    ],
  ],
  ['sent back by infrastructure', [policy({ onInfraExhausted: 'rollback' }), staged, noProgram]],
  ['without its agent', [submit({ startStage: 'review' })]],
  ['without a runner', [switches({ stagingRunner: false }), submittedForStaging]],
  ['finished', [stagedGreen, cancel]],
];

const LANDED: readonly (readonly [name: string, story: Line])[] = [
  ['held for a deploy that failed', [deploying, deployed(3)]],
  ['held as degraded', [toMonitor, polls(false, false)]],
  ['held by a person', [toMonitor, hold]],
  ['deployed while nobody may watch', [toMonitor, switches({ postDeployMonitor: false })]],
];

describe('why a task stands where it stands', () => {
  test.each(STORIES)('in labelled lines: %s', (_name, story) => {
    const lines = explanationLines(explain(given(story).next));
    expect(labelledLines(lines).join('\n')).toMatchSnapshot();
    for (const [label, text] of lines) expect([label, text]).toEqual([label, expect.stringMatching(/^[^\n\r]+$/)]);
  });

  test.each(LANDED)('in words that fit what has landed: %s', (_name, story) => {
    const lines = explanationLines(explain(given(story).next));
    expect(labelledLines(lines).join('\n')).toMatchSnapshot();
    given(story).when(cancel).thenRejected('landed-already');
    expect(lines.find(([label]) => label === 'next')?.[1]).not.toContain('cancel the task');
  });

  test('a gate that waits for evidence is the outside world’s to serve', () => {
    const { log } = given(submittedForStaging).world;
    const explanation = explain(given(...log.slice(0, 1)).next);
    expect(explanation).toMatchObject({
      status: 'blocked',
      code: 'gate:intake',
      actor: 'outside',
      next: 'evidence arrives from outside',
    });
  });
});
