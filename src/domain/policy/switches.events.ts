import type { Actor, Fact } from '../fact';

/** What people decide about a project's mechanisms while the service runs. */
export interface SwitchEventData {
  /** `enabled: null` gives the decision back to project file and environment. */
  SwitchSet: { switch: string; enabled: boolean | null; by: Actor; reason: string };
}
export type SwitchEventType = keyof SwitchEventData;
export type SwitchEvent = { [T in SwitchEventType]: Fact<T, SwitchEventData[T]> }[SwitchEventType];

export const SWITCH_EVENT_VERSIONS: Readonly<Record<SwitchEventType, number>> = Object.freeze({
  SwitchSet: 1,
});
