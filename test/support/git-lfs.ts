import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** For `testWherePossible`. */
export const NO_GIT_LFS = isInstalled() ? null : 'git-lfs is not installed';

export const ATTRIBUTES = 'filter=lfs diff=lfs merge=lfs -text';

export function pointerTo(content: string): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${digest(content)}\nsize ${content.length}\n`;
}

/** What `git lfs fetch` leaves in a git directory. @param as what is really in there. @returns the file. */
export function keepContent(gitDir: string, content: string, as = content): string {
  const name = digest(content);
  const path = join(gitDir, 'lfs/objects', name.slice(0, 2), name.slice(2, 4), name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, as);
  return path;
}

function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

function isInstalled(): boolean {
  try {
    execFileSync('git', ['lfs', 'version'], { stdio: 'ignore' });
    return true;
  } catch {
    // Git has no such command.
    return false;
  }
}
