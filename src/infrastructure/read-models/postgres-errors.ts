import { InfrastructureError } from '../../application/ports/infrastructure-error';
import { Unsuitable } from '../postgres/check-session';
import { isRefusal } from '../postgres/session';
import { withinSentence } from '../../domain/within-sentence';

/** SQLSTATE of a role that lacks a right. */
const NO_RIGHT = '42501';

/**
 * @returns the error itself when the server refused a statement for what it says: the caller may know what to do.
 *   READ_MODEL_UNSUITABLE for a server that no waiting makes better, READ_MODEL_UNAVAILABLE when there was no answer, or none is to be had with these rights.
 */
export function readModelError(error: unknown, address: string): unknown {
  if (error instanceof Unsuitable) {
    const { expected, seen, advice } = error;
    const text = `read models: expected ${expected} at ${address}, saw ${seen}; ${advice}`;
    return new InfrastructureError('READ_MODEL_UNSUITABLE', text, { cause: error });
  }
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === NO_RIGHT) {
    const how = 'make the schema stagegate_read there and grant the role USAGE and CREATE on it';
    return unavailable(
      `expected a role that may make and fill tables in ${address}, saw ${withinSentence(String(message))}; ${how}`,
      error,
    );
  }
  if (isRefusal(error) || error instanceof InfrastructureError) return error;
  // A host with several addresses that refuse says nothing but its code.
  const seen = typeof message === 'string' && message !== '' ? message : String(code);
  return unavailable(
    `expected ${address} to answer, saw ${withinSentence(seen)}; start the server, or correct STAGEGATE_READ_MODEL_URL`,
    error,
  );
}

function unavailable(message: string, cause: unknown): InfrastructureError {
  return new InfrastructureError('READ_MODEL_UNAVAILABLE', `read models: ${message}`, { cause });
}
