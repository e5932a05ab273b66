import { dirname } from 'node:path';
import { Ground } from '../../application/ports/ground';
import { InfrastructureError } from '../../application/ports/infrastructure-error';
import { spaceOf, type Space } from './file-systems';
import { InPlace, type Whereabouts } from './in-place';

const MIB = 1024 * 1024;
/** What the embedded log needs for the largest append and its write-ahead log, several times over. */
const LEAST_FREE_BYTES = 16 * MIB;

/** What a service stands on, by looking at it. To be made when everything has been opened. */
export class StateGround extends Ground {
  private readonly folder: InPlace;
  private readonly log: InPlace;
  private readonly disks: readonly string[];

  /**
   * @param logFile of the embedded log; null where a server has it.
   * @param space free space below a folder; throws what `statfs` throws.
   */
  constructor(
    stateDir: string,
    logFile: string | null,
    private readonly space: (folder: string) => Space = spaceOf,
  ) {
    super();
    this.folder = new InPlace([stateDir]);
    this.log = new InPlace(logFile === null ? [] : [logFile, `${logFile}-wal`]);
    this.disks = [...new Set([stateDir, ...(logFile === null ? [] : [dirname(logFile)])])];
  }

  obstacle(): InfrastructureError | null {
    const folder = this.folder.missed();
    if (folder) return new InfrastructureError('STATE_DIR_GONE', missed('state folder', folder));
    const log = this.log.missed();
    if (log) return new InfrastructureError('LOG_FILE_GONE', missed('log', log));
    return this.fullDisk();
  }

  private fullDisk(): InfrastructureError | null {
    for (const folder of this.disks) {
      const { freeBytes, freeFiles } = this.space(folder);
      const seen = freeFiles === 0 ? 'no room for another file' : `${Math.floor(freeBytes / MIB)} MiB`;
      if (freeFiles !== 0 && freeBytes >= LEAST_FREE_BYTES) continue;
      const expected = `expected ${LEAST_FREE_BYTES / MIB} MiB of free space at least, saw ${seen}`;
      const advice = 'free some, and the service goes on by itself';
      return new InfrastructureError('DISK_FULL', `${folder}: ${expected}; ${advice}`);
    }
    return null;
  }
}

function missed(what: string, { path, is }: { path: string; is: Exclude<Whereabouts, 'there'> }): string {
  const expected = `${what} ${path}: expected it to stay where it is`;
  return is === 'gone'
    ? `${expected}, saw it gone while it was in use; move it back, or stop the service, restore it and start again`
    : `${expected}, saw something else in its place; stop the service, see that the right one is there, and start again`;
}
