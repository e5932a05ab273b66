import { StoreCorrupt, StoreUnavailable } from '../../../application/ports/event-store';
import { withinSentence } from '../../../domain/within-sentence';

/** What the driver throws, in the port's terms. Anything unknown goes on as it is. */
export function storeError(error: unknown, path: string): unknown {
  const { code = '', message = '' } = error as { code?: unknown; message?: string };
  if (code === 'SQLITE_NOTADB' || String(code).startsWith('SQLITE_CORRUPT')) return corrupt(path, message, error);
  if (/^SQLITE_(FULL|IOERR|READONLY|CANTOPEN|PERM|AUTH|NOMEM|NOLFS)/.test(String(code))) {
    return unavailable(
      path,
      'a writable event store',
      message,
      'free space or make it writable, then try again',
      error,
    );
  }
  return error;
}

export function unavailable(
  path: string,
  expected: string,
  seen: string,
  advice: string,
  cause?: unknown,
): StoreUnavailable {
  const message = `${path}: expected ${expected}, saw ${withinSentence(seen)}; ${advice}`;
  return new StoreUnavailable('STORE_UNAVAILABLE', message, { cause });
}

export function corrupt(path: string, detail: string, cause?: unknown): StoreCorrupt {
  const message = `${path}: expected an event store, saw a damaged or foreign file (${withinSentence(detail)}); restore it from a backup or move it away`;
  return new StoreCorrupt('STORE_CORRUPT', message, { cause });
}
