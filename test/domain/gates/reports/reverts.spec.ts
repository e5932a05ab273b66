import { revertGate } from '../../../../src/domain/gates/revert/revert.gate';
import { given, happened, type Line } from '../../../support/given-when-then';
import { POLICY } from '../../../support/policies';
import { REPORT_GATES } from '../../../support/report-gates';
import {
  claim,
  evidenceFound,
  HEAD,
  NEW_HEAD,
  observeHead,
  policy,
  readyToLand,
  override,
} from '../../../support/task-stories';

const { good, bad } = REPORT_GATES.find(({ gate }) => gate === 'check_no_silent_revert') as (typeof REPORT_GATES)[0];
const asked = (on: 'return' | 'hold' | 'off', revertWindow = 500): Line => policy({ onSilentRevert: on, revertWindow });
const running = (on: 'return' | 'hold'): Line => [asked(on), readyToLand, claim('revert-check')];

test('held by policy, it names commit and file, and what a person does: another commit, or a waiver', () => {
  const held = given(running('hold'))
    .when(evidenceFound(bad))
    .then('EvidenceRecorded', happened('GateEvaluated', { result: 'hold' }), 'TaskHeld', 'AlertRaised');
  held.thenTask({ stage: 'deploy-staging', hold: { reason: 'gate' }, spent: {} });
  const { why } = held.next;
  expect(why.text).toContain('silent revert of b1b1b1b1b1 "Fix" by Ann in a.js');
  expect(why.remedy).toMatchObject({ then: 'push', override: 'check_no_silent_revert', hasPaths: true });
});

test('a waiver for the file lets it go on to the landing', () => {
  const waived = given(running('hold'), evidenceFound(bad))
    .when(override('check_no_silent_revert', { paths: ['a.js'] }))
    .accepted();
  waived.thenNext('run', 'landing').thenTask({ hold: null });
});

test('switched off, nobody looks, and what was asked for before is not waited for', () => {
  given(asked('off'), readyToLand).thenNext('run', 'landing');
  given(asked('return'), readyToLand, asked('off')).thenNext('decide', 'EvaluateGates');
});

test('another window is another question', () => {
  given(asked('return'), readyToLand, asked('return', 50), claim('revert-check'))
    .when(evidenceFound(good))
    .then('EvidenceRecorded', 'TaskHeld', 'AlertRaised');
  given(asked('return', 50), readyToLand, claim('revert-check'))
    .when(evidenceFound({ ...good, asked: { window: 50 } }))
    .accepted()
    .thenNext('run', 'landing');
});

test('a new commit is looked at anew', () => {
  given(running('return'), evidenceFound(good), observeHead(NEW_HEAD)).thenTask({ headOid: NEW_HEAD, evidence: {} });
  expect(HEAD).not.toBe(NEW_HEAD);
});

test('evidence that cannot be read is no answer', () => {
  const { task } = given(asked('return'), readyToLand, claim('revert-check'));
  expect(revertGate.evaluate(task, { ...POLICY, onSilentRevert: 'return' })).toMatchObject({ kind: 'not-ready' });
  given(running('return'))
    .when(evidenceFound({ ...good, silent: 'none' }))
    .then('EvidenceRecorded', 'TaskHeld', 'AlertRaised');
});
