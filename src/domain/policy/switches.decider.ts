import { damageText, type Damage, type Unreadable } from '../damage';
import type { Instant } from '../instant';
import { didYouMean } from '../nearest-name';
import { accept, nothing, reject, type Decision } from '../task/decide/decision';
import { isSwitchName, SWITCH_NAMES, type SwitchName } from './switches';
import type { SwitchEvent, SwitchEventData } from './switches.events';

/** How a switch was set, by whom and why. */
export interface SwitchSetting {
  readonly enabled: boolean;
  readonly by: string;
  readonly reason: string;
  readonly since: Instant;
  /** Of its event. */
  readonly revision: string;
}

/** What the log says of a project's switches. */
export interface SwitchSettings {
  /** Of the newest event; null before the first. */
  readonly revision: string | null;
  /** Of those that were set and not given back. */
  readonly set: Readonly<Partial<Record<SwitchName, SwitchSetting>>>;
  /** The first event that cannot be relied on: how the switches are set is not known, and no new job begins. */
  readonly damage: Damage | null;
}

export type SetSwitch = SwitchEventData['SwitchSet'];
export type SwitchRejection = 'unknown-switch' | 'store-corrupt';

export const NOTHING_SET: SwitchSettings = { revision: null, set: {}, damage: null };

/** What was set before the damage stays: of two answers that may both be wrong, it is the one that people gave. */
export function evolveSwitches(before: SwitchSettings, event: SwitchEvent | Unreadable, at: Instant): SwitchSettings {
  const revision = before.revision === null ? '0' : String(BigInt(before.revision) + 1n);
  if (before.damage) return { ...before, revision };
  if (event.type === 'Unreadable') return { ...before, revision, damage: event.data };
  const { switch: name, enabled, by, reason } = event.data;
  if (!isSwitchName(name)) return { ...before, revision };
  const others = Object.fromEntries(Object.entries(before.set).filter(([each]) => each !== name));
  return {
    revision,
    set: enabled === null ? others : { ...others, [name]: { enabled, by, reason, since: at, revision } },
    damage: null,
  };
}

/** The same again, by whomever and for whatever reason, is nothing: the first one stands. */
export function decideSwitch(settings: SwitchSettings, data: SetSwitch): Decision<SwitchEvent, SwitchRejection> {
  const { switch: name, enabled } = data;
  if (!isSwitchName(name)) {
    const guess = didYouMean(name, SWITCH_NAMES) || '; correct it';
    return reject('unknown-switch', `expected one of ${SWITCH_NAMES.join(', ')}, saw ${JSON.stringify(name)}${guess}`);
  }
  if (settings.damage) return reject('store-corrupt', damageText(settings.damage));
  const now = settings.set[name]?.enabled ?? null;
  return now === enabled ? nothing() : accept([{ type: 'SwitchSet', data }]);
}
