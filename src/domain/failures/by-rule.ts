import type { ByRule } from '../task/task.events';

/** Only that, and nothing where there is none. */
export function ruleOf({ rule, ruleVersion }: ByRule): ByRule {
  return rule === undefined || ruleVersion === undefined ? {} : { rule, ruleVersion };
}

/** For people: `pytest-no-tests, version 1`; null where no rule was asked. */
export function ruleText({ rule, ruleVersion }: ByRule): string | null {
  return rule === undefined || ruleVersion === undefined ? null : `${rule}, version ${ruleVersion}`;
}
