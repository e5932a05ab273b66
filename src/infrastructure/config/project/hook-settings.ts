import { HOOK_SOURCES, type HookSource } from '../../../domain/hooks/hook-sources';
import { placedIn, variablesOf, type SecretPlace } from '../../secrets/secret-place';
import type { RawHooks } from './raw-project';

/** By source: where its secrets are. One that is not there may send nothing. */
export type HookSettings = Readonly<Partial<Record<HookSource, readonly SecretPlace[]>>>;

/** @param folder relative files count from it. */
export function hookSettings(raw: RawHooks, folder: string): HookSettings {
  const entries = HOOK_SOURCES.flatMap((source) => {
    const { secrets } = raw[source] ?? {};
    return secrets ? [[source, secrets.map((place) => placedIn(folder, place))] as const] : [];
  });
  return Object.fromEntries(entries);
}

export function hookVariables(settings: HookSettings): readonly string[] {
  return variablesOf(Object.values(settings).flat());
}
