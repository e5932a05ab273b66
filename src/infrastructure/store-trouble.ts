import { InfrastructureError } from '../application/ports/infrastructure-error';

const CODES = /^(STORE_|READ_MODEL_(UNAVAILABLE|UNSUITABLE)$|STATE_DIR_GONE$|LOG_FILE_GONE$|DISK_FULL$)/;
const UNSUITABLE = /_UNSUITABLE$/;

/** What a store, or the server behind it, is to blame for: said once by itself, and over when it is put right. */
export function isStoreTrouble(error: unknown): error is InfrastructureError {
  return error instanceof InfrastructureError && CODES.test(error.code);
}

/** What the server is, as opposed to what state it is in: waiting for it to get better is in vain. */
export function isUnsuitable(error: unknown): boolean {
  return error instanceof InfrastructureError && UNSUITABLE.test(error.code);
}
