import { resolve } from 'node:path';
import { HOOK_SOURCES, type HookSource } from '../../../domain/hooks/hook-sources';
import type { RawHooks } from './raw-project';

/** Where a secret is; never the secret itself. */
export type SecretPlace =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'variable'; readonly name: string };

/** By source: where its secrets are. One that is not there may send nothing. */
export type HookSettings = Readonly<Partial<Record<HookSource, readonly SecretPlace[]>>>;

/** @param folder relative files count from it. */
export function hookSettings(raw: RawHooks, folder: string): HookSettings {
  const entries = HOOK_SOURCES.flatMap((source) => {
    const { secrets } = raw[source] ?? {};
    return secrets ? [[source, secrets.map((place) => placeOf(place, folder))] as const] : [];
  });
  return Object.fromEntries(entries);
}

function placeOf(place: { readonly file: string } | { readonly variable: string }, folder: string): SecretPlace {
  return 'file' in place
    ? { kind: 'file', path: resolve(folder, place.file) }
    : { kind: 'variable', name: place.variable };
}
