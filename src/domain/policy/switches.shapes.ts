import { flag, nullable, text, type Members } from '../shape';
import type { SwitchEventData } from './switches.events';

/** What the data of every event has to be, in its newest version. A later version may know more switches than this one. */
export const SWITCH_EVENT_SHAPES: { readonly [T in keyof SwitchEventData]: Members<SwitchEventData[T]> } = {
  SwitchSet: { switch: text, enabled: nullable(flag), by: text, reason: text },
};
