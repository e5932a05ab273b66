import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { matchesGlobs } from '../../../domain/globs';

/** Looked at in one clone; what is larger needs a narrower pattern. */
const MOST_ENTRIES = 200_000;
/** Reports of no suite lie there, and looking takes long. */
const PASSED_OVER = new Set(['.git', 'node_modules']);

/**
 * Plain files of a folder that patterns name, in the order of their names. No link is followed, so nothing outside of the folder is
 * found. Folders that no pattern can reach are not entered.
 *
 * @returns null where there is too much to look at.
 */
export function findReports(folder: string, patterns: readonly string[]): readonly string[] | null {
  const found: string[] = [];
  let left = MOST_ENTRIES;
  const enter = (path: string): boolean => {
    for (const entry of entriesOf(join(folder, path))) {
      left -= 1;
      if (left < 0) return false;
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isFile() && matchesGlobs(inner, patterns)) found.push(inner);
      const isWorthIt = entry.isDirectory() && !PASSED_OVER.has(entry.name);
      if (isWorthIt && patterns.some((pattern) => mayReach(pattern, inner)) && !enter(inner)) return false;
    }
    return true;
  };
  const inside = patterns.filter((pattern) => !pattern.split('/').includes('..'));
  for (const top of new Set(inside.map(fixedPart))) {
    if (!isPlainFolder(folder, top)) continue;
    if (!enter(top)) return null;
  }
  return [...new Set(found)].sort();
}

/** The folders of a pattern before its first wildcard. */
function fixedPart(pattern: string): string {
  const parts = pattern.split('/');
  const at = parts.findIndex((part) => /[*?]/.test(part));
  return parts.slice(0, at === -1 ? -1 : at).join('/');
}

/** Whether something below the folder may fit. */
function mayReach(pattern: string, path: string): boolean {
  const parts = pattern.split('/');
  const depth = path.split('/').length;
  return parts.includes('**') || parts.length > depth;
}

function isPlainFolder(folder: string, path: string): boolean {
  const parts = path === '' ? [] : path.split('/');
  return parts.every((_part, at) => {
    const stats = lstatSync(join(folder, ...parts.slice(0, at + 1)), { throwIfNoEntry: false });
    return stats?.isDirectory() === true;
  });
}

function entriesOf(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    // A folder that cannot be read, or went meanwhile, has no report.
    return [];
  }
}
