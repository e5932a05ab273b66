import type { StoredEvent } from '../../src/application/ports/event-store';
import type { ProjectPolicy } from '../../src/domain/policy/project-policy';
import { checkAnswers } from './answer-invariants';
import type { Violation } from './violation';

/** By the digest of a policy. */
export type AskedOfReverts = ReadonlyMap<string, Pick<ProjectPolicy, 'onSilentRevert' | 'revertWindow'>>;

/**
 * I47: where somebody looks for silent reverts, nothing lands without an answer about that very candidate; it passes when nothing was found,
 * and is returned or held, as the policy says, when something was.
 */
export function checkRevertAnswers(events: readonly StoredEvent[], asked: AskedOfReverts): Violation[] {
  return checkAnswers(events, {
    invariant: 'I47',
    gate: 'check_no_silent_revert',
    asked,
    isAsked: ({ onSilentRevert }) => onSilentRevert !== 'off',
    isJudged: ({ result, reason }) =>
      reason !== 'infra-exhausted' && result !== 'not-ready' && result !== 'not-configured',
    wrongWith: ({ result }, { silent }, { onSilentRevert }) => {
      const found = onSilentRevert === 'hold' ? 'hold' : 'fail';
      return result === (silent === 0 ? 'pass' : found)
        ? null
        : `${result}, with ${JSON.stringify(silent)} silent reverts`;
    },
  });
}
