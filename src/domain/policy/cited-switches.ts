import { SWITCH_NAMES, type SwitchName, type Switches } from './switches';

/** The switches that a claim was made under: what was off, and the newest event of theirs that its worker knew. */
export interface CitedSwitches {
  readonly revision: string | null;
  readonly off: readonly string[];
}

const PLAIN: CitedSwitches = { revision: null, off: [] };

/** @returns undefined where everything is on and nobody has ever set anything: that is not worth a member of every claim. */
export function citedSwitches(around: {
  readonly switches: Switches;
  readonly switchRevision?: string | null;
}): CitedSwitches | undefined {
  const { switches, switchRevision: revision = null } = around;
  const off: readonly SwitchName[] = SWITCH_NAMES.filter((name) => !switches[name]);
  return revision === null && off.length === 0 ? undefined : { revision, off };
}

/** Whether two that know the same events work with other switches: then their files or environments differ. */
export function differUnnoticed(one: CitedSwitches = PLAIN, other: CitedSwitches = PLAIN): boolean {
  return one.revision === other.revision && one.off.join() !== other.off.join();
}
