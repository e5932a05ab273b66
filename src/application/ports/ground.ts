import type { InfrastructureError } from './infrastructure-error';

/** What this process stands on: its state folder, the file of its log, and the disk below them. */
export abstract class Ground {
  /**
   * Why nothing new may be begun here, as of now; cheap enough to be asked before every claim.
   *
   * @returns STATE_DIR_GONE, LOG_FILE_GONE or DISK_FULL; null while all is well.
   */
  abstract obstacle(): InfrastructureError | null;
}
