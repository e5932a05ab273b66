import type { FailureClass } from '../merge/failure-class';
import type { FailureStep } from './failure-signal';
import type { ToolName } from './tools';

/**
 * One line of what was printed. Lines are cut at 2,000 characters and a pattern is tried on each of them, so the work is
 * bounded by the output; patterns are anchored and repeat nothing that repeats.
 */
export type LinePattern = RegExp;

/** What has to hold for a rule, all of it. What is left out is not asked. */
export interface RuleConditions {
  readonly steps?: readonly FailureStep[];
  /** What runner or port said; `null` stands for a command that ended by itself. */
  readonly reasons?: readonly (string | null)[];
  /** Codes of ports by their beginning. */
  readonly reasonStartsWith?: string;
  readonly exitCodes?: readonly number[];
  /** Ended by itself, and not with 0. */
  readonly failed?: true;
  /** The tool that the command names, or that shows itself in the output. */
  readonly tool?: ToolName;
  /** The tool that the command names, as the last one that it runs: the exit code is this tool's. */
  readonly owner?: readonly ToolName[];
  /** The command itself, as the operator wrote it. */
  readonly command?: RegExp;
  readonly isOomKilled?: true;
  readonly says?: LinePattern;
  readonly saysToo?: LinePattern;
  /** `says` and `saysToo` have to be among that many last lines of a stream. */
  readonly within?: number;
  /** No line says this: what would prove that tests ran, say. */
  readonly silent?: LinePattern;
  /** The first group of `says` is the exit code: the tool counts its failures with it. */
  readonly countsExitCode?: true;
}

/** A rule of the taxonomy. Rules are data: listed in order, the first that fits decides. */
export interface FailureRule {
  readonly id: string;
  /** Raised when the rule decides anything differently, so that history says under which rule it was decided. */
  readonly version: number;
  readonly class: FailureClass;
  /** Named in events and explained in `failure-words.ts`; null: what runner or port said. */
  readonly reason: string | null;
  /** False where waiting cannot help: the same again would end the same. */
  readonly retryable: boolean;
  readonly when: RuleConditions;
  /** Why this evidence suffices, for people. */
  readonly why: string;
  /** Where the tool documents it; left out where the evidence is stagegate's own. */
  readonly source?: string;
}

export function deepFrozen<T extends object>(value: T): T {
  for (const member of Object.values(value) as unknown[]) {
    if (typeof member === 'object' && member !== null && !Object.isFrozen(member)) deepFrozen(member);
  }
  return Object.freeze(value);
}
