import type { Space } from '../../infrastructure/system/file-systems';
import { fail, ok, warn, type Finding } from './finding';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** Below either of them there is a warning: a run makes clones and builds in them, and the log of one may take 64 MiB. */
export const WARN_FREE_BYTES = GIB;
export const WARN_FREE_SHARE = 0.05;
/** Below this not even the log of one run fits for certain. */
export const FAIL_FREE_BYTES = 64 * MIB;
/** Kept logs of runs, which nobody deletes by himself: eighty of the largest. */
export const WARN_LOG_BYTES = 5 * GIB;

export function spaceFinding(folder: string, { freeBytes, totalBytes, freeFiles }: Space): Finding {
  const share = totalBytes > 0 ? freeBytes / totalBytes : 0;
  const seen = `${sizeText(freeBytes)} free of ${sizeText(totalBytes)} (${Math.floor(share * 100)} %) at ${folder}`;
  const how = 'free some (docs/operations.md, Disk use and clean-up) or set STAGEGATE_STATE_DIR to another disk';
  if (freeFiles === 0) return fail('disk', seen, `${folder}: expected room for more files, saw no free inode; ${how}`);
  if (freeBytes < FAIL_FREE_BYTES)
    return fail(
      'disk',
      seen,
      `${folder}: expected ${sizeText(FAIL_FREE_BYTES)} at least, saw ${sizeText(freeBytes)}; ${how}`,
    );
  if (freeBytes >= WARN_FREE_BYTES && share >= WARN_FREE_SHARE) return ok('disk', seen);
  const wanted = `${sizeText(WARN_FREE_BYTES)} and ${WARN_FREE_SHARE * 100} % free`;
  return warn('disk', seen, `${folder}: expected ${wanted}, saw ${sizeText(freeBytes)}; ${how}`);
}

export function logsFinding(folder: string, { bytes, files }: { bytes: number; files: number }): Finding {
  const seen = `${sizeText(bytes)} in ${files} files`;
  if (bytes < WARN_LOG_BYTES) return ok('logs', seen);
  return warn('logs', seen, `${folder}: expected less than ${sizeText(WARN_LOG_BYTES)}, saw ${seen}; delete old files`);
}

export function sizeText(bytes: number): string {
  if (bytes >= GIB) return `${(bytes / GIB).toFixed(1)} GiB`;
  return bytes >= MIB ? `${Math.floor(bytes / MIB)} MiB` : `${Math.ceil(bytes / 1024)} KiB`;
}
