import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { memoryFileSystem, mountOptionsOf, networkFileSystem, spaceOf } from '../../infrastructure/system/file-systems';
import { faultsIn } from '../../infrastructure/system/state-folder';
import { fail, ok, warn, type Finding } from './finding';
import { logsFinding, sizeText, spaceFinding } from './space';
import { sizeOf } from '../../infrastructure/setup-cache/folder-facts';
import { setupCacheDir } from '../../infrastructure/setup-cache/file-setup-cache';
import { need, type Place, type CheckContext } from './check-context';

const NAME = 'state directory';
const OTHERS = 0o077;

export async function checkStateDir({ place }: CheckContext): Promise<Finding> {
  const { stateDir } = need(place);
  const folder = nearestFolder(stateDir);
  const seen = folder === stateDir ? stateDir : `${stateDir} is not there yet and is made at the first start`;
  if (!statSync(folder).isDirectory())
    return fail(NAME, `${folder} is no folder`, `${folder}: expected a folder, saw a file; move it away`);
  if (!isWritable(folder)) {
    const who = `user ${process.getuid?.() ?? '?'}`;
    const advice = 'check owner and permissions, or set STAGEGATE_STATE_DIR';
    return fail(
      NAME,
      `${folder} cannot be written`,
      `${folder}: expected ${who} to write here, saw a refusal; ${advice}`,
    );
  }
  const faults = folder === stateDir ? faultsIn(folder) : [];
  if (faults.length > 0) {
    const lines = faults.map(
      ({ path, seen }) => `${path}: expected to be written by us, saw ${seen}; check owner and mode`,
    );
    return fail(NAME, `${folder} holds what cannot be written`, ...lines);
  }
  const network = networkFileSystem(folder);
  if (network !== null)
    return fail(
      NAME,
      `${folder} is on ${network}`,
      `${folder}: expected a local disk, saw ${network}; use a local one`,
    );
  const warnings = [...forgetful(folder), ...(folder === stateDir ? foreign(folder) : [])];
  return warnings.length > 0 ? warn(NAME, seen, ...warnings) : ok(NAME, seen);
}

/** One finding for each disk that state is kept on. */
export async function checkDisk({ place }: CheckContext): Promise<readonly Finding[]> {
  const folders = foldersOf(need(place)).map(nearestFolder);
  const byDisk = new Map(folders.reverse().map((folder) => [statSync(folder).dev, folder]));
  return [...byDisk.values()].map((folder) => spaceFinding(folder, spaceOf(folder)));
}

export async function checkLogs({ place }: CheckContext): Promise<Finding> {
  const folder = join(need(place).stateDir, 'logs');
  if (!existsSync(folder)) return ok('logs', 'none yet');
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  return logsFinding(folder, { bytes: sizes.reduce((sum, size) => sum + size, 0), files: sizes.length });
}

/** What set-ups have left; each project has a bound of its own. */
export async function checkSetupCache({ place }: CheckContext): Promise<Finding> {
  const folder = setupCacheDir(need(place).stateDir);
  if (!existsSync(folder)) return ok('kept set-ups', 'none');
  const sizes = await Promise.all(
    readdirSync(folder).map(async (project) => `${project} ${sizeText((await sizeOf(join(folder, project))).bytes)}`),
  );
  return ok('kept set-ups', sizes.join(', ') || 'none');
}

function foldersOf({ stateDir, eventStore, readModel }: Place): readonly string[] {
  return [stateDir, ...[eventStore, readModel].flatMap((url) => (url.kind === 'file' ? [dirname(url.path)] : []))];
}

/** The folder itself, or the one in which it would be made. */
function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path));
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    // The answer to the question asked.
    return false;
  }
}

/** What is kept here does not last. */
function forgetful(folder: string): readonly string[] {
  const memory = memoryFileSystem(folder);
  if (memory !== null) return [`${folder}: expected a disk, saw ${memory}, which a restart empties; use a disk`];
  if (!mountOptionsOf(folder).includes('volatile')) return [];
  return [`${folder}: expected a disk, saw an overlay mounted volatile, which syncs nothing; use a volume`];
}

function foreign(folder: string): readonly string[] {
  const { uid, mode } = statSync(folder);
  const own = process.getuid?.();
  const lines: string[] = [];
  if (own !== undefined && own !== uid)
    lines.push(`${folder}: expected to be run by its owner ${uid}, saw user ${own}; use that user for everything`);
  if ((mode & OTHERS) !== 0)
    lines.push(`${folder}: expected mode 700, saw ${(mode & 0o777).toString(8)}; chmod 700 it: logs may hold secrets`);
  return lines;
}
