import { classify } from '../../../src/domain/failures/classify';
import { FAILURE_RULES } from '../../../src/domain/failures/failure-rules';
import { corpus } from '../../failures/corpus';
import { confusionOf } from '../../failures/matrix';

const cases = corpus();

test.each(cases.map((given) => [given.file, given] as const))('%s', (_file, given) => {
  const { class: kind, rule } = classify(given.signal);
  expect([kind, rule]).toEqual([given.class, rule]);
});

test('nothing of the machine is taken for code, and no code for the machine', () => {
  const { mistakes, infraTakenForCode, codeTakenForInfra } = confusionOf(cases);
  expect({ mistakes, infraTakenForCode, codeTakenForInfra }).toEqual({
    mistakes: [],
    infraTakenForCode: 0,
    codeTakenForInfra: 0,
  });
});

test('the corpus is large, and about half of it are honest reds', () => {
  expect(cases.length).toBeGreaterThanOrEqual(150);
  const reds = cases.filter((given) => given.class === 'red').length;
  expect(reds / cases.length).toBeGreaterThan(0.4);
  expect(reds / cases.length).toBeLessThan(0.6);
});

test('every rule of suites and set-ups has a run in the corpus', () => {
  const used = new Set(cases.map(({ signal }) => classify(signal).rule));
  const judged = FAILURE_RULES.filter(({ when }) => when.steps && !when.steps.includes('service') && when.says);
  expect(judged.map(({ id }) => id).filter((id) => !used.has(id))).toEqual([]);
});

test('no run names a place of the machine that it was made on', () => {
  const places = /\/tmp\/|\/root\/|\/home\/(?!ci\b)|\bpyenv\b/;
  expect(
    cases.filter(({ signal, source }) => places.test([...signal.output, source].join('\n'))).map(({ file }) => file),
  ).toEqual([]);
});
