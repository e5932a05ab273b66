import { forEverySwitch, type SwitchName, type Switches } from './switches';
import type { SwitchSetting, SwitchSettings } from './switches.decider';

/** Who says how a switch is: an event of the log, or the configuration of this process. */
export type SwitchOrigin =
  | (Readonly<{ from: 'event' }> & Omit<SwitchSetting, 'enabled'>)
  | Readonly<{ from: 'file' | 'environment' | 'default' }>;

export interface SwitchInForce {
  readonly enabled: boolean;
  readonly origin: SwitchOrigin;
}
export type SwitchesInForce = Readonly<Record<SwitchName, SwitchInForce>>;

/** What the configuration says of a switch; left out: nothing. */
export interface ConfiguredSwitch {
  readonly file?: boolean | undefined;
  readonly environment?: boolean | undefined;
}
export type ConfiguredSwitches = Readonly<Record<SwitchName, ConfiguredSwitch>>;

export const NOTHING_CONFIGURED: ConfiguredSwitches = forEverySwitch(() => ({}));

/** The one place that knows what comes before what: audited event, project file, environment, built-in. */
export function switchesInForce({ set }: Pick<SwitchSettings, 'set'>, configured: ConfiguredSwitches): SwitchesInForce {
  return forEverySwitch((name) => inForce(set[name], configured[name]));
}

function inForce(setting: SwitchSetting | undefined, { file, environment }: ConfiguredSwitch): SwitchInForce {
  if (setting) {
    const { enabled, ...said } = setting;
    return { enabled, origin: { from: 'event', ...said } };
  }
  if (file !== undefined) return { enabled: file, origin: { from: 'file' } };
  if (environment !== undefined) return { enabled: environment, origin: { from: 'environment' } };
  return { enabled: true, origin: { from: 'default' } };
}

/** Only what is on and what is off. */
export function onOrOff(switches: SwitchesInForce): Switches {
  return forEverySwitch((name) => switches[name].enabled);
}
