import { InfrastructureError } from '../application/ports/infrastructure-error';

const CODES = /^(STORE_|READ_MODEL_UNAVAILABLE$)/;

/** What a store, or the server behind it, is to blame for: said once by itself, and over when it is put right. */
export function isStoreTrouble(error: unknown): error is InfrastructureError {
  return error instanceof InfrastructureError && CODES.test(error.code);
}
