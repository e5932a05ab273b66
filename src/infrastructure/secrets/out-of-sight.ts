import { readdirSync, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/**
 * What has to be hidden so that files with secrets are. A folder that holds nothing else is hidden as a whole: whatever is renamed into
 * it later is out of sight too, as a single file is not. Where a file is a link, what it leads to is hidden as well.
 *
 * @param files by whole paths; those that are not there may come.
 */
export function outOfSight(files: readonly string[]): readonly string[] {
  return [...new Set(files.flatMap((file) => [isInOwnFolder(file, files) ? dirname(file) : file, targetOf(file)]))];
}

/** Whether nothing but secrets is where the file is. What begins with two full stops is how Kubernetes puts them there. */
export function isInOwnFolder(file: string, files: readonly string[]): boolean {
  const folder = dirname(file);
  const own = new Set(files.filter((one) => dirname(one) === folder).map((one) => basename(one)));
  try {
    return readdirSync(folder).every((name) => own.has(name) || name.startsWith('..'));
  } catch {
    // Nobody who runs as its user looks into it either.
    return false;
  }
}

function targetOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
