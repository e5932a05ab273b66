import type { JsonObject } from '../../../../src/domain/json';
import { given, happened, type Line } from '../../../support/given-when-then';
import { REPORT_GATES } from '../../../support/report-gates';
import {
  after,
  claim,
  evaluateGates,
  evidenceFound,
  override,
  policy,
  readyToLand,
} from '../../../support/task-stories';
import { atInstant, HOUR } from '../override-stories';

const [{ configured, bad }] = REPORT_GATES as readonly [(typeof REPORT_GATES)[number]];
const running: Line = [policy(configured), readyToLand, claim('security-scan')];
const found = (paths: readonly string[], more: JsonObject = {}) =>
  evidenceFound({ ...bad, failing: 3, paths, pathCount: paths.length, ...more });
const waive = (...paths: readonly string[]) => override('check_security', { paths });

describe('an override for paths', () => {
  test('lets the gate pass where every finding that fails lies in one of them', () => {
    given(policy(configured), readyToLand, waive('a.js', './src/old/'), claim('security-scan'))
      .when(found(['a.js', 'src/old/b.js', 'src/old/c/d.js']))
      .then(
        'EvidenceRecorded',
        happened('GateEvaluated', { gate: 'check_security', result: 'pass', reason: 'overridden' }),
        'GateEvaluated',
        'GateEvaluated',
        'StageAdvanced',
      )
      .thenNext('run', 'landing');
  });

  test('may be put together from several', () => {
    const both: Line = [policy(configured), readyToLand, waive('a.js'), waive('b.js'), claim('security-scan')];
    given(both, found(['a.js', 'b.js'])).thenNext('run', 'landing');
  });

  test.each([
    ['a path is left', ['a.js', 'other.js'], {}],
    ['a name only begins alike', ['a.js.map'], {}],
    ['a finding has no file', ['a.js', ''], {}],
    ['there are more paths than the evidence names', ['a.js'], { pathCount: 51 }],
    ['the evidence names none', [], {}],
  ])('lets nothing pass where %s', (_what, paths, more) => {
    given(policy(configured), readyToLand, waive('a.js'), claim('security-scan'), found(paths, more)).thenTask({
      stage: 'development',
    });
  });

  test('lets no scan that never came to an end pass, and no gate that has not been asked', () => {
    given(policy(configured), readyToLand, waive('a.js')).thenNext('run', 'security-scan');
    given(policy({ requiredGates: ['check_security'] }), readyToLand, waive('a.js')).thenTask({
      hold: { reason: 'gate', gate: 'check_security' },
    });
  });

  test('over, it counts no more: nothing lands on it', () => {
    const anHour = override('check_security', { paths: ['a.js'], expiresAt: atInstant(HOUR) });
    const passed = given(policy(configured), readyToLand, anHour, override('check_security', { paths: ['b.js'] }));
    const waiting = given(passed.world.log, policy(configured), claim('security-scan'), found(['a.js', 'b.js']));
    waiting.thenNext('run', 'landing');
    const late = given(waiting.world.log, policy(configured), after(2 * HOUR));
    late.thenNext('decide', 'EvaluateGates');
    given(late.world.log, policy(configured), after(2 * HOUR), evaluateGates).thenTask({
      stage: 'deploy',
      hold: { gate: 'check_security' },
    });
  });

  test('overrules what sent the task back: the same commit is tested again', () => {
    given(running, found(['a.js']), waive('a.js')).thenNext('run', 'staging-suite');
  });
});
