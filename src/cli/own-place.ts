import { lstatSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkerHost } from '../application/ports/worker-host';
import { createProcessRunner } from '../infrastructure/processes/create-process-runner';
import { ownUid } from '../infrastructure/system/own-user';

/** Verbs that need a folder for themselves as long as they run. */
export type PlacedVerb = 'work' | 'exec' | 'demo';

/** Whose it is, by the one name that no other process ever has. */
const OWNER = 'owner';

/** A folder among those for temporary files that belongs to this process; whoever makes it removes it. */
export function makeOwnPlace(verb: PlacedVerb, { self }: Pick<WorkerHost, 'self'>): string {
  const place = mkdtempSync(join(tmpdir(), prefixOf(verb)));
  writeFileSync(join(place, OWNER), self);
  return place;
}

/**
 * Removes the folders that processes of this verb have left which were killed, after ending what still runs of them. One whose
 * owner may be alive is left alone, and so is one that does not say whose it is.
 *
 * @param stateIn the state folder of its runs, within its folder.
 */
export async function clearLeftPlaces(
  verb: PlacedVerb,
  host: Pick<WorkerHost, 'self' | 'isProvablyDead'>,
  stateIn: (place: string) => string = (place) => place,
): Promise<void> {
  const isDead = (worker: string) => host.isProvablyDead(worker);
  for (const place of placesOf(verb).filter((one) => isDead(ownerOf(one)))) {
    try {
      await createProcessRunner({ stateDir: stateIn(place), worker: host.self, treeKill: true }).recover(isDead);
      await rm(place, { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // What cannot be cleared keeps nobody from working; the next start tries again.
    }
  }
}

function prefixOf(verb: PlacedVerb): string {
  return `stagegate-${verb}-`;
}

/** Of this user: others may make folders of that name there too. */
function placesOf(verb: PlacedVerb): readonly string[] {
  const names = namesIn(tmpdir()).filter((name) => name.startsWith(prefixOf(verb)));
  return names.map((name) => join(tmpdir(), name)).filter((place) => isOwnFolder(place));
}

/** Empty where one may make folders and not list them. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Whoever cannot be shown what was left cannot clear it.
    return [];
  }
}

function isOwnFolder(place: string): boolean {
  const stat = lstatSync(place, { throwIfNoEntry: false });
  return stat !== undefined && stat.isDirectory() && stat.uid === ownUid();
}

/** Empty, which is nobody who could be dead, where it cannot be read. */
function ownerOf(place: string): string {
  try {
    return readFileSync(join(place, OWNER), 'utf8');
  } catch {
    return '';
  }
}
