import { readFileSync } from 'node:fs';
import { FAILURE_RULES, NO_RULE } from '../../../src/domain/failures/failure-rules';
import { CLASS_EFFECTS } from '../../../src/domain/merge/failure-class';
import { unionOf } from '../../docs/typescript-shapes';

const patterns = FAILURE_RULES.flatMap(({ id, when }) =>
  [when.says, when.saysToo, when.silent, when.command].flatMap((pattern) => (pattern ? [[id, pattern] as const] : [])),
);

test('ids are unique, versions count from 1, and everybody is told why', () => {
  const ids = [...FAILURE_RULES, NO_RULE].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { version, why } of FAILURE_RULES) {
    expect(version).toBeGreaterThanOrEqual(1);
    expect(why).toMatch(/^[\w].{10,}[^.]$/);
  }
});

test('the rules and what they hold cannot be changed', () => {
  expect(Object.isFrozen(FAILURE_RULES)).toBe(true);
  expect(FAILURE_RULES.every((rule) => Object.isFrozen(rule) && Object.isFrozen(rule.when))).toBe(true);
});

test('a rule of a suite that ended by itself rests on more than a word, unless it says red', () => {
  for (const { id, class: kind, when } of FAILURE_RULES) {
    const isOfSuite = when.steps?.includes('suite') === true && when.reasons?.includes(null) === true;
    if (!isOfSuite || kind === 'red') continue;
    const isNamed = when.tool !== undefined || when.owner !== undefined || when.command !== undefined;
    const facts = [when.isOomKilled, when.exitCodes, when.silent, isNamed || undefined].filter(Boolean);
    expect([id, when.says !== undefined, facts.length >= (when.isOomKilled ? 1 : 2)]).toEqual([id, true, true]);
  }
});

test.each(patterns)('%s: the pattern keeps no state and repeats nothing that repeats', (_id, pattern) => {
  expect(pattern.flags.replace('i', '')).toBe('');
  expect(pattern.source).not.toMatch(/\([^()]*(?:[+*]|\{\d+,\d*\})[^()]*\)(?:[+*]|\{\d*,\d*\})/);
  expect(pattern.source).not.toMatch(/\\[1-9]/);
});

test('every reason of the process runner has a rule, but for what nobody classifies', () => {
  const covered = new Set(FAILURE_RULES.flatMap(({ when }) => when.reasons ?? []));
  const reasons = unionOf('src/application/ports/process-runner.ts', 'ToolErrorReason');
  // `aborted` is our own doing, and a mistake of the program is for no rule: it fails closed.
  expect(reasons.filter((reason) => !covered.has(reason))).toEqual(['aborted', 'internal']);
});

test('every reason that a rule gives has words and a cure', () => {
  const words = readFileSync('src/domain/task/words/failure-words.ts', 'utf8');
  const reasons = FAILURE_RULES.flatMap(({ reason }) => reason ?? []);
  expect(reasons.filter((reason) => !words.includes(`  ${reason}: {`))).toEqual([]);
});

test('every class is one of the table', () => {
  expect(FAILURE_RULES.filter((rule) => !(rule.class in CLASS_EFFECTS))).toEqual([]);
});
