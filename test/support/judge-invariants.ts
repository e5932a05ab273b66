import type { StoredEvent } from '../../src/application/ports/event-store';
import type { JudgePolicy } from '../../src/domain/policy/project-policy';
import { checkAnswers } from './answer-invariants';
import type { Violation } from './violation';

/** By the digest of a policy. */
export type AskedOfJudge = ReadonlyMap<string, JudgePolicy>;

/** What may land without a person where main's tests are to judge. */
const HARMLESS: readonly unknown[] = ['unchanged', 'added', 'green'];

/**
 * I49: where main's tests are to judge a change of them, nothing lands that they are red on, unless somebody has let the gate pass on record:
 * the answer is about the very candidate, and a pass rests on what was found out about it.
 */
export function checkJudge(events: readonly StoredEvent[], asked: AskedOfJudge): Violation[] {
  return checkAnswers(events, {
    invariant: 'I49',
    gate: 'check_tests_not_weakened',
    asked,
    isJudged: ({ result }) => result === 'pass',
    wrongWith: (_answer, { finding, trial }, { run }) => {
      const exitCode = (trial as { readonly exitCode?: unknown } | null | undefined)?.exitCode;
      if (run !== null && !HARMLESS.includes(finding)) return `passed although ${JSON.stringify(finding)}`;
      return finding === 'green' && exitCode !== 0 ? `passed by a run that ended with ${String(exitCode)}` : null;
    },
  });
}
