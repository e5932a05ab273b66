import { lstatSync, realpathSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { RunSpec, SuiteWitness } from '../../application/ports/process-runner';
import { findReports } from '../reports/tests/find-reports';
import type { RunOutput } from './output/run-output';

type Place = Pick<RunSpec, 'cwd' | 'witness'>;

/** @returns why the path of a witness cannot be used; null when it can. */
export function faultOfPath({ cwd, witness }: Place): string | null {
  if (witness?.kind !== 'file') return null;
  const root = resolve(cwd);
  const path = resolve(root, witness.path);
  if (!isBelow(path, root)) return `the witness ${witness.path} is not inside the folder of the run`;
  if (path === join(root, '.git') || isBelow(path, join(root, '.git')))
    return `the witness ${witness.path} is inside .git, which is git's own`;
  return null;
}

/** Takes away whatever is at the place of the report, so that its being there afterwards is the proof; no clock decides. */
export async function clearWitness({ cwd, witness }: Place): Promise<void> {
  if (witness?.kind === 'tests')
    for (const path of findReports(cwd, witness.paths) ?? []) await rm(join(cwd, path), { force: true });
  if (witness?.kind !== 'file') return;
  const place = placeOf(cwd, witness.path);
  // What lies behind a link out of the clone is somebody else's; it stays, and can be no witness.
  if (place.kind === 'inside') await rm(place.path, { recursive: true, force: true });
}

/** @returns why nothing proves that tests ran; null when something does, or when no proof was asked for. */
export function witnessFault(witness: SuiteWitness | undefined, cwd: string, output: RunOutput): string | null {
  if (!witness || witness.kind === 'tests') return null;
  return witness.kind === 'file' ? fileFault(cwd, witness.path) : patternFault(witness.pattern, output);
}

function fileFault(cwd: string, path: string): string | null {
  try {
    const place = placeOf(cwd, path);
    if (place.kind === 'outside')
      return `witness ${path}: expected a file inside the clone, saw a link that leads out of it`;
    const stats = place.kind === 'inside' ? lstatSync(place.path, { throwIfNoEntry: false }) : undefined;
    if (stats?.isFile()) return null;
    return `witness ${path}: expected a file written by the suite, saw ${stats ? 'something that is no plain file' : 'none'}`;
  } catch (error) {
    // Whatever a suite leaves there, the run has a result.
    const { code = 'an error' } = error as NodeJS.ErrnoException;
    return `witness ${path}: expected a file written by the suite, saw a place that cannot be looked at (${code})`;
  }
}

function patternFault(pattern: string, output: RunOutput): string | null {
  const searched = output.searched();
  if (searched === 'found') return null;
  const shown = `/${pattern.slice(0, 200)}/`;
  if (searched === 'given-up')
    return `witness ${shown}: the search in the output was given up, as the pattern takes too long; write a simpler one`;
  return `witness ${shown}: expected it somewhere in the output, saw it nowhere in ${output.totalBytes()} bytes`;
}

type Found = { readonly kind: 'inside'; readonly path: string } | { readonly kind: 'outside' | 'nowhere' };

/** What the system says of a path that leads to nothing. */
const NOWHERE: readonly string[] = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'];

/** Where a path really is, with the links in its folders followed, but not the last one. */
function placeOf(cwd: string, path: string): Found {
  const absolute = resolve(cwd, path);
  try {
    const [root, parent] = [realpathSync(cwd), realpathSync(dirname(absolute))];
    // A file in the place of a folder has nothing in it.
    if (!statSync(parent).isDirectory()) return { kind: 'nowhere' };
    const isInside = parent === root || isBelow(parent, root);
    return isInside ? { kind: 'inside', path: join(parent, basename(absolute)) } : { kind: 'outside' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && NOWHERE.includes(code)) return { kind: 'nowhere' };
    throw error;
  }
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
