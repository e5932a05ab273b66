import type { JsonObject } from '../../json';
import type { ProjectPolicy } from '../../policy/project-policy';
import { DEFAULT_REVERT_WINDOW, type OnSilentRevert } from './on-silent-revert';

/** What a project asks, also by saying nothing. */
export function revertPolicyOf({ onSilentRevert = 'return', revertWindow = DEFAULT_REVERT_WINDOW }: ProjectPolicy): {
  readonly on: OnSilentRevert;
  readonly window: number;
} {
  return { on: onSilentRevert, window: revertWindow };
}

/** What the evidence answers; a gate that asks for something else by now has no answer in it. */
export function askedOfReverts(policy: ProjectPolicy): JsonObject {
  return { window: revertPolicyOf(policy).window };
}
