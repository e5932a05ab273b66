import fc from 'fast-check';
import { canonicalJson, type JsonObject } from '../../../../src/domain/json';
import { explain } from '../../../../src/domain/task/words/why';
import { given, happened, nextOf, type Given, type Line } from '../../../support/given-when-then';
import { REPORT_GATES, type ReportGateCase } from '../../../support/report-gates';
import {
  after,
  claim,
  evaluateGates,
  evidenceFound,
  observeHead,
  override,
  policy,
  readyToLand,
} from '../../../support/task-stories';
import { atInstant, HOUR } from '../override-stories';

const [{ configured, bad }, coverage] = REPORT_GATES as readonly [ReportGateCase, ReportGateCase];
const running: Line = [policy(configured), readyToLand, claim('security-scan')];
const found = (paths: readonly string[], more: JsonObject = {}) =>
  evidenceFound({ ...bad, failing: 3, paths, pathCount: paths.length, ...more });
const doOf = (story: Given) => explain(nextOf(story.world)).do;
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

  test('names in its evidence which paths it took out, and by which record; only those count as used', () => {
    const both: Line = [
      policy(configured),
      readyToLand,
      waive('a.js'),
      waive('b'),
      waive('c.js'),
      claim('security-scan'),
    ];
    const { task, world } = given(both, found(['a.js', 'b/x.js']));
    const { overrides } = task;
    const [a, b] = overrides.map(({ revision }) => revision);
    const answer = world.log.find(({ type, data }) => type === 'GateEvaluated' && data.gate === 'check_security');
    expect(answer?.data).toMatchObject({
      evidence: {
        override: a,
        waived: [
          ['a.js', a],
          ['b/x.js', b],
        ],
      },
    });
    expect(overrides.map(({ isUsed }) => isUsed)).toEqual([true, true, false]);
  });

  test('without paths it is for those that the gate has named, and the same commit goes on', () => {
    const back = given(running, found(['a.js', 'old/b.js']));
    expect(doOf(back)).toContain('stagegate waive web.WEB-1 check_security --reason "<why>"');
    const waived = given(back.world.log, policy(configured), override('check_security', { paths: 'named' }));
    waived.thenTask({ overrides: [{ paths: ['a.js', 'old/b.js'] }] }).thenNext('run', 'staging-suite');
  });

  test.each([
    ['nothing was found yet', [policy(configured), readyToLand]],
    ['what was found is in no file', [running, found(['a.js', ''], { pathCount: 3 })]],
    ['it was another commit', [running, found(['a.js']), observeHead()]],
  ] as const)('without paths it is refused where %s', (_what, story) => {
    given(...story)
      .when(override('check_security', { paths: 'named' }))
      .thenRejected('invalid-paths', /has named no paths of feature\/queue: name those to waive, or override/);
  });

  test('lets no path pass but its own, whatever both are called', () => {
    const name = fc.stringMatching(/^[a-c./]{1,6}$/);
    fc.assert(
      fc.property(
        fc.array(name, { minLength: 1, maxLength: 3 }),
        fc.array(name, { minLength: 1, maxLength: 3 }),
        (scopes, paths) => {
          const { task } = given(
            policy(configured),
            readyToLand,
            waive(...scopes),
            claim('security-scan'),
            found(paths),
          );
          const isIn = (path: string) =>
            scopes.some((scope) => {
              const parts = scope.replace(/^\.\//, '').replace(/\/+$/, '').split('/');
              return canonicalJson(path.split('/').slice(0, parts.length)) === canonicalJson(parts);
            });
          expect(task.stage).toBe(paths.every(isIn) ? 'deploy' : 'development');
        },
      ),
    );
  });

  test('overrules what sent the task back: the same commit is tested again', () => {
    given(running, found(['a.js']), waive('a.js')).thenNext('run', 'staging-suite');
  });
});

describe('a waiver of coverage', () => {
  const figure = (covered: number, coverable: number) => ({ covered, coverable });
  const measured = (more: JsonObject) =>
    evidenceFound({
      ...coverage.bad,
      changed: figure(9, 20),
      paths: ['a.js', 'b.js'],
      pathFigures: [figure(0, 10), figure(9, 10)],
      pathCount: 2,
      ...more,
    });
  const story = (path: string, more: JsonObject = {}): Line => [
    policy(coverage.configured),
    readyToLand,
    override('check_coverage', { paths: [path] }),
    claim('coverage-run'),
    measured(more),
  ];

  test('takes the changed lines of a file out, and the others are judged without them', () => {
    given(story('a.js')).thenNext('run', 'landing');
    given(story('b.js')).thenTask({ stage: 'development' });
  });

  test.each([
    ['the share of all lines is too low as well', { total: figure(1, 10) }],
    ['evidence does not say how much each file has, and one is left', { pathFigures: null }],
    ['figures of a file are none', { pathFigures: [{ covered: 3 }, figure(9, 10)] }],
  ])('lets nothing pass where %s', (_what, more) => {
    given(story('a.js', more)).thenTask({ stage: 'development' });
  });

  test('never makes more of the others than they are', () => {
    const lines = fc.tuple(fc.nat(10), fc.nat(10)).map(([covered, open]) => figure(covered, covered + open));
    fc.assert(
      fc.property(lines, lines, lines, (waived, named, rest) => {
        const sum = [waived, named, rest].reduce((one, other) =>
          figure(one.covered + other.covered, one.coverable + other.coverable),
        );
        const open = figure(named.covered + rest.covered, named.coverable + rest.coverable);
        const { task } = given(story('a.js', { changed: sum, pathFigures: [waived, named] }));
        const isFine = (each: typeof sum) => each.covered * 100 >= each.coverable * 80;
        expect(task.stage).toBe(isFine(sum) || isFine(open) ? 'deploy' : 'development');
      }),
    );
  });
});
