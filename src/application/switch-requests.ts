import type { SwitchName } from '../domain/policy/switches';
import type { SwitchInForce } from '../domain/policy/switches-in-force';

/** How a switch of a project is, and who says so. */
export interface SwitchView extends SwitchInForce {
  readonly project: string;
  readonly switch: SwitchName;
}

export interface SwitchesView {
  /** By project, in the order of the table of switches. */
  readonly items: readonly SwitchView[];
  /** Always null: there are as many as projects have. */
  readonly nextCursor: null;
}

/** What can be asked of a switch, and what its event says then. `default` gives it back to project file and environment. */
export const SWITCH_STATES = { on: true, off: false, default: null } as const;
export type SwitchState = keyof typeof SWITCH_STATES;

export function isSwitchState(text: string): text is SwitchState {
  return Object.hasOwn(SWITCH_STATES, text);
}

export interface SwitchRequest {
  readonly project: string;
  readonly switch: string;
  readonly state: SwitchState;
  readonly reason: string;
}

export interface SwitchAnswer extends SwitchView {
  /** False when it was set so already: the first one who did stands in the log. */
  readonly isChanged: boolean;
}
