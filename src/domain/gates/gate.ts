import type { JsonObject } from '../json';
import { CLASS_EFFECTS, type FailureClass } from '../merge/failure-class';
import type { GateName } from '../task/pipeline';
import type { ProjectPolicy } from '../policy/project-policy';
import type { SubmittedTask } from '../task/task.state';

/** Every path that speaks against the change; absent where the gate does not judge by paths, or cannot name all. */
type AgainstIt = readonly string[];

/** A broken tool is no gate result at all; it is the infra path. */
export type GateResult =
  | { readonly kind: 'pass'; readonly evidence: JsonObject }
  | {
      readonly kind: 'fail';
      readonly reason: string;
      readonly evidence: JsonObject;
      readonly paths?: AgainstIt;
    }
  | {
      readonly kind: 'hold';
      readonly reason: string;
      readonly detail?: string;
      readonly evidence: JsonObject;
      readonly paths?: AgainstIt;
    }
  | { readonly kind: 'not-ready'; readonly reason: string }
  | { readonly kind: 'not-configured' };

/** One rule: a pure function of the task's recorded evidence and the project's policy. */
export interface Gate {
  readonly name: GateName;
  /** Raised when the rule decides anything differently, so that history says under which rule it was decided. */
  readonly version: number;
  readonly evaluate: (task: SubmittedTask, policy: ProjectPolicy) => GateResult;
  /**
   * Whether nothing speaks against the change any more once these of the paths that it has named are taken out; left out where that
   * is so when all of them are.
   */
  readonly isMetWithout?: (task: SubmittedTask, waived: ReadonlySet<string>) => boolean;
}

export function pass(evidence: JsonObject = {}): GateResult {
  return { kind: 'pass', evidence };
}

export function fail(reason: string, evidence: JsonObject = {}, paths: readonly string[] = []): GateResult {
  return { kind: 'fail', reason, evidence, ...(paths.length > 0 ? { paths } : {}) };
}

/**
 * @param detail what a person is told; the reason where it is left out.
 * @param paths that a person may waive.
 */
export function hold(
  reason: string,
  evidence: JsonObject = {},
  detail?: string,
  paths: readonly string[] = [],
): GateResult {
  return {
    kind: 'hold',
    reason,
    evidence,
    ...(detail === undefined ? {} : { detail }),
    ...(paths.length > 0 ? { paths } : {}),
  };
}

/** What a gate says of a failure that is about the change: the table of classes decides whether that sends it back or holds it. */
export function answerTo(
  kind: Extract<FailureClass, 'red' | 'conflict' | 'inconclusive'>,
  evidence: JsonObject,
): GateResult {
  return CLASS_EFFECTS[kind].effect === 'rollback' ? fail(kind, evidence) : hold(kind, evidence);
}

export function notReady(reason: string): GateResult {
  return { kind: 'not-ready', reason };
}

export const NOT_CONFIGURED: GateResult = { kind: 'not-configured' };
