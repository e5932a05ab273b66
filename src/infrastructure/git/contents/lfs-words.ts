import { shownPath } from '../tree-faults';
import type { LfsFile } from './lfs-files';

/** Why a run of the commit would test pointers in place of files; null where it has none. */
export function lfsFault([first, ...others]: readonly LfsFile[]): string | null {
  if (!first) return null;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${shownPath(first.path)}${more}: expected no file that Git LFS keeps, which is not supported yet; take it out of LFS`;
}
