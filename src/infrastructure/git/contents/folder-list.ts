import type { FolderList } from '../../../domain/task/task.events';

/** Enough to know which ones they are like; an event is not made for thousands. */
const MOST_PATHS = 10;

/** @param paths byte by byte (latin1). @returns nothing where there are none. */
export function folderList(paths: readonly string[]): FolderList | undefined {
  if (paths.length === 0) return undefined;
  const shown = paths.slice(0, MOST_PATHS).map((path) => Buffer.from(path, 'latin1').toString('utf8'));
  return { count: paths.length, paths: shown };
}
