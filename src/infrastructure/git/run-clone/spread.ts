import { isExtFileSystem } from '../../system/file-systems';
import { smallCommand } from '../../system/small-command';

const SPREAD_MS = 5_000;

/**
 * Asks the file system to put each folder in this one somewhere else on the disk, as ext2 to ext4 do for the folders of `/`.
 *
 * ext4 gives a new file no inode that was freed in the last minutes, and for every file looks through all of those near its
 * folder (`recently_deleted` in fs/ext4/ialloc.c). Clones that come and go in one place make 1,000 files in 900 ms of CPU,
 * apart from one another in 50 ms (docs/benchmarks.md). It is a wish: without it, and without `chattr`, all works as well but slower.
 */
export async function spreadFolders(dir: string): Promise<void> {
  if (isExtFileSystem(dir)) await smallCommand('chattr', ['+T', '--', dir], { timeoutMs: SPREAD_MS });
}
