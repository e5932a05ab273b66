import { HOOK_SOURCES, type HookSource } from '../../../domain/hooks/hook-sources';
import { placedIn, type SecretPlace } from '../../secrets/secret-place';
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

export function hookPlaces(settings: HookSettings): readonly SecretPlace[] {
  return Object.values(settings).flat();
}
