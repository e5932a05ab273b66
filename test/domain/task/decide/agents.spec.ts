import { given, happened } from '../../../support/given-when-then';
import { EVERY_AGENT } from '../../../support/policies';
import {
  after,
  agentDone,
  agentError,
  claim,
  HEAD,
  MINUTE,
  NEW_HEAD,
  policy,
  release,
  repeat,
  submit,
  suiteRan,
} from '../../../support/task-stories';

const staffed = policy(EVERY_AGENT);
const analysing = [staffed, submit(), claim('analyst')];
const reviewing = [staffed, submit({ startStage: 'review' }), claim('reviewer')];
const developing = [staffed, submit({ startStage: 'development' }), claim('developer')];

describe("an agent's verdict", () => {
  test('that passes takes the task on', () => {
    given(analysing)
      .when(agentDone('analyst', 'READY'))
      .then(
        happened('AgentJobFinished', { role: 'analyst', cost: { tokens: 1200 } }),
        happened('VerdictRecorded', {
          stage: 'analysis',
          status: 'READY',
          passed: true,
          producer: 'analyst',
          subjectOid: HEAD,
        }),
        happened('GateEvaluated', { gate: 'check_analysis_ready', result: 'pass' }),
        happened('StageAdvanced', { from: 'analysis', to: 'architecture' }),
      )
      .thenNext('run', 'agent:architect');
  });

  test('that asks for changes sends the task back for one developer retry', () => {
    given(reviewing)
      .when(agentDone('reviewer', 'REQUEST_CHANGES'))
      .then('AgentJobFinished', 'VerdictRecorded', happened('GateEvaluated', { result: 'fail' }), 'StageRolledBack')
      .thenTask({ stage: 'development', spent: { 'developer:task': 1 } });
  });

  test('that fails a stage before development runs the same agent again, twice, then holds the task', () => {
    const no = agentDone('analyst', 'NOT_READY');
    given(analysing)
      .when(no)
      .then(
        'AgentJobFinished',
        'VerdictRecorded',
        'GateEvaluated',
        happened('VerdictVoided', { stage: 'analysis', by: 'stagegate', spends: { budget: 'agent', key: 'analysis' } }),
      )
      .thenTask({ stage: 'analysis', verdicts: { analysis: undefined }, spent: { 'agent:analysis': 1 } })
      .thenNext('run', 'agent:analyst');
    const held = given(staffed, submit(), repeat(2, claim('analyst'), no), claim('analyst'))
      .when(no)
      .then('AgentJobFinished', 'VerdictRecorded', 'GateEvaluated', 'VerdictVoided', 'TaskHeld', 'AlertRaised');
    held.thenTask({ hold: { reason: 'agent-retries-exhausted', budget: { budget: 'agent', key: 'analysis' } } });
    held.when(release).accepted().thenTask({ spent: {} }).thenNext('run', 'agent:analyst');
  });

  test('is taken from the role that was claimed and from no other', () => {
    given(reviewing).when(agentDone('tester', 'PASSED')).thenRejected('wrong-job');
    given(reviewing)
      .when(agentDone('developer', null, NEW_HEAD))
      .thenRejected('wrong-job');
    given(reviewing).when(agentError('tester')).thenRejected('wrong-job');
    given(reviewing).when(suiteRan()).thenRejected('wrong-job');
  });

  test('that the runner alone may give is not taken from it', () => {
    given(staffed, submit({ startStage: 'deploy-staging' }), claim('staging-suite'))
      .when(agentDone('deployer', 'SUCCESS'))
      .thenRejected('wrong-job');
  });
});

describe('an agent that ends without anything that counts', () => {
  test('no verdict from a role that owes one is an error of the agent', () => {
    given(reviewing)
      .when(agentDone('reviewer', null))
      .then(happened('AgentJobErrored', { role: 'reviewer', spends: { budget: 'agent', key: 'review' } }))
      .thenTask({ claim: null, stage: 'review' })
      .thenNext('wait', 'deferred');
  });

  test.each([
    ['no head', null],
    ['the old head', HEAD],
  ])('a developer with %s is an error of the agent', (_what, headOid) => {
    given(developing)
      .when(agentDone('developer', null, headOid))
      .then(happened('AgentJobErrored', { role: 'developer', spends: { budget: 'agent', key: 'development' } }))
      .thenTask({ claim: null, stage: 'development' })
      .thenNext('wait', 'deferred');
  });

  test('is bounded: two retries, then a hold with one alert', () => {
    const held = given(
      staffed,
      submit({ startStage: 'development' }),
      repeat(2, claim('developer'), agentDone('developer', null, HEAD)),
      claim('developer'),
    )
      .when(agentDone('developer', null, HEAD))
      .then(happened('AgentJobErrored', { spends: null }), 'TaskHeld', 'AlertRaised');
    held.thenNext('await', 'held:agent-retries-exhausted');
  });
});

describe('an agent error', () => {
  test('is retried after a back-off within the budget of the stage', () => {
    given(reviewing)
      .when(agentError('reviewer'))
      .then(
        happened('AgentJobErrored', {
          role: 'reviewer',
          reason: 'no-artifact',
          spends: { budget: 'agent', key: 'review' },
        }),
      )
      .thenTask({ spent: { 'agent:review': 1 }, claim: null })
      .thenNext('wait', 'deferred');
    given(reviewing, agentError('reviewer'), after(MINUTE)).thenNext('run', 'agent:reviewer');
  });

  test('is never a pass and never a developer retry', () => {
    const { log } = given(
      staffed,
      submit({ startStage: 'review' }),
      repeat(2, claim('reviewer'), agentError('reviewer')),
    ).world;
    const types = new Set(log.map(({ type }) => type));
    for (const type of ['VerdictRecorded', 'StageRolledBack'] as const) expect(types.has(type)).toBe(false);
  });

  test('the third one holds the task with one alert', () => {
    given(
      staffed,
      submit({ startStage: 'review' }),
      repeat(2, claim('reviewer'), agentError('reviewer')),
      claim('reviewer'),
    )
      .when(agentError('reviewer'))
      .then(
        happened('AgentJobErrored', { spends: null }),
        happened('TaskHeld', { reason: 'agent-retries-exhausted' }),
        'AlertRaised',
      );
  });
});

describe('a developer', () => {
  test('who committed hands the task to its exit gate', () => {
    given(developing)
      .when(agentDone('developer', null, NEW_HEAD))
      .then('AgentJobFinished', 'HeadMoved', happened('GateEvaluated', { gate: 'check_ci_green' }), 'StageAdvanced')
      .thenTask({ stage: 'review', headOid: NEW_HEAD, claim: null });
  });
});
