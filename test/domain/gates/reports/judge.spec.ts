import type { JsonObject } from '../../../../src/domain/json';
import type { JudgePolicy } from '../../../../src/domain/policy/project-policy';
import { askedOfJudge } from '../../../../src/domain/gates/judge/judge.gate';
import { BY_COMMAND, remedyText } from '../../../../src/domain/task/words/remedies';
import { given, happened, type Line } from '../../../support/given-when-then';
import { POLICY } from '../../../support/policies';
import {
  after,
  claim,
  evaluateGates,
  evidenceFound,
  infraFailed,
  landingLost,
  MINUTE,
  override,
  policy,
  readyToLand,
  release,
} from '../../../support/task-stories';
import { atInstant, HOUR, requiring } from '../override-stories';

const GATE = 'check_tests_not_weakened';
const JUDGE: JudgePolicy = { run: POLICY.retest, exitCodes: [0], paths: [], ignore: [], protect: [] };
const waiting: Line = [policy({ judge: JUDGE }), readyToLand];
const running: Line = [waiting, claim('judge-run')];

function found(finding: string, more: JsonObject = {}) {
  const paths = ['rewritten', 'contradictory', 'unproven'].includes(finding)
    ? ['test/a.test.js', 'test/b.test.js']
    : [];
  return evidenceFound({
    ...{ asked: askedOfJudge(JUDGE), base: null, command: '3'.repeat(64), report: '1'.repeat(64) },
    ...{ finding, fileCount: paths.length, files: [], paths, pathCount: paths.length, protectedCount: 0, trial: null },
    ...(paths.length > 0 ? { output: '4'.repeat(64), seen: ['changed test/a.test.js (test)'] } : {}),
    ...more,
  });
}

test('without its block nothing runs, and a required one holds', () => {
  given(readyToLand).thenNext('run', 'landing');
  given(requiring(GATE), readyToLand, release).thenTask({ hold: { reason: 'gate', gate: GATE } });
  expect(remedyText(remedy(given(requiring(GATE), readyToLand)), BY_COMMAND)).toContain('configure the gate');
});

test.each(['unchanged', 'added', 'noted', 'green'])('passes where what judges is %s', (finding) => {
  given(waiting).thenNext('run', 'judge-run');
  given(running, found(finding)).thenNext('run', 'landing');
});

test('holds a change that rewrote its judge, for nobody but a person', () => {
  const held = given(running)
    .when(found('rewritten'))
    .then(
      'EvidenceRecorded',
      happened('GateEvaluated', { gate: GATE, result: 'hold', reason: 'judge-rewritten' }),
      happened('TaskHeld', { reason: 'gate', gate: GATE }),
      'AlertRaised',
    );
  held.thenTask({ stage: 'deploy-staging', spent: {} });
  const story = given(running, found('rewritten'));
  expect(story.task.hold?.detail).toContain("main's tests are red on it, and its own are green");
  expect(story.task.hold?.detail).toContain('test/a.test.js, test/b.test.js');
  const words = remedyText(remedy(story), BY_COMMAND);
  expect(words).toContain('read 15-judge-report.md');
  expect(words).toContain(`stagegate waive ${story.task.id} ${GATE}`);
  // A release asks it again, and passes nothing.
  given(running, found('rewritten'), release).thenTask({ hold: { reason: 'gate', gate: GATE } });
});

test('holds what was red and green, and looks again when a person or the policy says so', () => {
  const story = given(running, found('contradictory'));
  story.thenTask({ hold: { reason: 'inconclusive', gate: GATE } });
  expect(remedyText(remedy(story), BY_COMMAND)).toContain('which colour is right');
  given(running, found('contradictory'), override(GATE)).thenNext('run', 'landing');
  given(running, found('contradictory'), release).thenNext('run', 'staging-suite');
  const retrying: Line = [policy({ judge: JUDGE, onInconclusive: 'retry' }), readyToLand, claim('judge-run')];
  given(retrying)
    .when(found('contradictory'))
    .then('EvidenceRecorded', 'GateEvaluated', happened('RunDeferred', { reason: 'inconclusive' }));
  given(retrying, found('contradictory'), after(30 * MINUTE)).thenNext('run', 'judge-run');
});

test('holds what no test of main has judged', () => {
  const story = given(running, found('unproven', { trial: { runs: 1, durationMs: 812, isKnown: false } }));
  story.thenTask({ hold: { reason: 'gate', gate: GATE } });
  expect(story.task.hold?.detail).toContain("main's tests ran on the change and say nothing");
  expect(story.task.hold?.detail).toContain("1 run of main's tests took 812 ms");
});

test('holds a change of protected files although no run speaks against it', () => {
  const more = { protectedCount: 1, paths: ['test/a.test.js'], pathCount: 1 };
  given(running, found('green', more)).thenTask({ hold: { reason: 'gate', gate: GATE } });
  given(running, found('green', more), override(GATE, { paths: ['test'] })).thenNext('run', 'landing');
});

describe('an override', () => {
  test('lets it pass, for the whole gate or for every file that weighs', () => {
    given(running, found('rewritten'), override(GATE)).thenNext('run', 'landing');
    given(running, found('rewritten'), override(GATE, { paths: ['test/'] })).thenNext('run', 'landing');
    given(waiting, override(GATE, { paths: ['test'] }), claim('judge-run'), found('rewritten')).thenNext(
      'run',
      'landing',
    );
  });

  test('for one file lets the others hold it', () => {
    given(running, found('rewritten'), override(GATE, { paths: ['test/a.test.js'] })).thenTask({
      hold: { reason: 'gate', gate: GATE },
    });
    given(running, found('rewritten', { pathCount: 51 }), override(GATE, { paths: ['test'] })).thenTask({
      hold: { reason: 'gate', gate: GATE },
    });
  });

  test('counts until its time, and nothing lands on one that is over', () => {
    const story: Line = [running, found('rewritten'), override(GATE, { expiresAt: atInstant(HOUR) })];
    given(story, after(2 * HOUR), evaluateGates).thenTask({ stage: 'deploy', hold: { gate: GATE } });
  });
});

test('what it knows is of one candidate, under the rules and settings of now', () => {
  given(running, found('green'), claim('landing'), landingLost('main-moved'))
    .thenTask({ evidence: {}, merge: null })
    .thenNext('run', 'merge-gate');
  given(running, found('green', { asked: { ...askedOfJudge(JUDGE), rules: 0 } })).thenTask({
    hold: { reason: 'unclassified' },
  });
});

test('a run that broke is tried again, then held; the change is not to blame', () => {
  const broken = infraFailed('timeout', { failureClass: 'timeout' });
  given(running).when(broken).then('ToolErrored', 'RunDeferred');
  const tries = [1, 2, 3].flatMap((): Line[] => [claim('judge-run'), broken, after(30 * MINUTE)]);
  given(waiting, tries, claim('judge-run'), broken).thenTask({ hold: { reason: 'infra-exhausted', gate: GATE } });
});

function remedy(story: ReturnType<typeof given>) {
  const { why } = story.next;
  if (!why.remedy) throw new Error(`expected a remedy, saw ${why.text}`);
  return why.remedy;
}
