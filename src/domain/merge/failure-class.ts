/** Why a run of the merge gate or the staging suite did not end green. Closed; `other` fails closed. */
export const FAILURE_CLASSES = [
  'red',
  'conflict',
  'timeout',
  'lock-busy',
  'tool-error',
  'dependency-down',
  'stale',
  'inconclusive',
  'other',
] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

/** What a job reports that has found out nothing about the change. */
export const INFRA_CLASSES = ['timeout', 'lock-busy', 'tool-error', 'dependency-down', 'other'] as const;
export type InfraClass = (typeof INFRA_CLASSES)[number] & FailureClass;

export interface ClassEffect {
  /** rollback: back to development. retry: same stage after a back-off. restart: from the start, at once. */
  readonly effect: 'rollback' | 'retry' | 'restart' | 'hold';
  readonly budget: 'developer' | 'infra' | 'flake' | 'none';
}

/** What each class does to a task. Only red and conflict, which say something about the change, roll it back. */
export const CLASS_EFFECTS: Readonly<Record<FailureClass, ClassEffect>> = Object.freeze({
  red: { effect: 'rollback', budget: 'developer' },
  conflict: { effect: 'rollback', budget: 'developer' },
  timeout: { effect: 'retry', budget: 'infra' },
  'lock-busy': { effect: 'retry', budget: 'none' },
  'tool-error': { effect: 'retry', budget: 'infra' },
  'dependency-down': { effect: 'retry', budget: 'infra' },
  stale: { effect: 'restart', budget: 'none' },
  inconclusive: { effect: 'hold', budget: 'flake' },
  other: { effect: 'hold', budget: 'none' },
});
