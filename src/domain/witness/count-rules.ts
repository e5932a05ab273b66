import { deepFrozen } from '../failures/failure-rule';
import type { CountRule } from './count-rule';
import { COMPILED_RULES } from './rules/compiled-rules';
import { JAVASCRIPT_RULES } from './rules/javascript-rules';
import { OTHER_RULES } from './rules/other-rules';
import { PYTHON_RULES } from './rules/python-rules';

/** All rules that read a line, in the order in which they are tried. TAP takes more than a line: `tap-tally.ts`. */
export const COUNT_RULES: readonly CountRule[] = deepFrozen([
  ...JAVASCRIPT_RULES,
  ...PYTHON_RULES,
  ...COMPILED_RULES,
  ...OTHER_RULES,
]);

/** Whether any rule may have something to say: one pattern, tried on every line, in the place of fifty. */
const ANY = new RegExp(COUNT_RULES.map(({ says }) => withoutNames(says.source)).join('|'));

export function ruleFor(line: string): CountRule | null {
  return ANY.test(line) ? (COUNT_RULES.find(({ says }) => says.test(line)) ?? null) : null;
}

function withoutNames(source: string): string {
  return source.replace(/\(\?<[a-z]+\d?>/g, '(?:');
}
