import {
  InvalidEvent,
  OutcomeUnknown,
  StoreBusy,
  StoreCorrupt,
  StoreUnavailable,
} from '../../../application/ports/event-store';
import { InfrastructureError } from '../../../application/ports/infrastructure-error';
import { addressOf } from '../../postgres/address';
import { Unsuitable } from '../../postgres/check-session';
import { isRefusal } from '../../postgres/session';
import { withinSentence } from '../../../domain/within-sentence';

type Code = 'STORE_UNAVAILABLE' | 'STORE_UNSUITABLE' | 'STORE_ACCESS_DENIED' | 'STORE_SCHEMA' | 'STORE_CORRUPT';

const MIGRATE = 'run stagegate migrate as the role that owns the log';

/** SQLSTATE to what a person has to put right. Source: PostgreSQL 15, appendix A. */
const ADVICE: readonly (readonly [states: RegExp, code: Code, expected: string, advice: string])[] = [
  [/^28/, 'STORE_ACCESS_DENIED', 'to be let in', 'correct user and password of the URL'],
  [/^42501$/, 'STORE_ACCESS_DENIED', 'the right to read and append', 'run stagegate migrate --grant-to ROLE as owner'],
  [/^3D000$/, 'STORE_UNAVAILABLE', 'a database', 'create it, or correct the URL'],
  [/^(3F000|42P01|42883)$/, 'STORE_SCHEMA', 'an event store', MIGRATE],
  [/^53100$/, 'STORE_UNAVAILABLE', 'space to write', 'free space on the server'],
  [/^42704$/, 'STORE_ACCESS_DENIED', 'a role that exists', 'create it first'],
  [/^25006$/, 'STORE_UNAVAILABLE', 'a primary server', 'connect to the primary'],
  [/^53300$/, 'STORE_UNAVAILABLE', 'a free connection', 'raise max_connections or run fewer replicas'],
];
/** Somebody else held what was needed for too long; nothing was stored. */
const BUSY = /^(55P03|40001|40P01)$/;
/** What one append can do to its batch, as opposed to the server. */
const OF_ONE_APPEND = /^(22|23)/;

/** What the driver throws, in the port's terms; what the port itself throws goes on as it is. */
export function storeError(error: unknown, url: string): unknown {
  if (error instanceof InfrastructureError) return error;
  if (error instanceof Unsuitable)
    return unusable('STORE_UNSUITABLE', url, error.expected, error.seen, error.advice, error);
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (BUSY.test(code)) {
    const text = `${addressOf(url)}: expected the event store to be free, saw ${withinSentence(message)}; nothing is stored, try again`;
    return new StoreBusy('STORE_BUSY', text, { cause: error });
  }
  if (OF_ONE_APPEND.test(code))
    return new InvalidEvent('STORE_INVALID_EVENT', withinSentence(message), { cause: error });
  const known = ADVICE.find(([states]) => states.test(code));
  if (known) return unusable(known[1], url, known[2], message, known[3], error);
  const seen = message === '' ? code : message;
  return unusable('STORE_UNAVAILABLE', url, 'a server that answers', seen, 'start it, or correct the URL', error);
}

/** What became of an append that was sent. Only the server's own refusal says that nothing is stored. */
export function appendError(error: unknown, url: string): unknown {
  if (isRefusal(error) || error instanceof InfrastructureError) return storeError(error, url);
  const { message } = error as { message?: string };
  const text = `${addressOf(url)}: expected an answer, saw ${withinSentence(message ?? 'none')}; the append may be stored: send the same one again`;
  return new OutcomeUnknown('STORE_OUTCOME_UNKNOWN', text, { cause: error });
}

export function unusable(
  code: Code,
  url: string,
  expected: string,
  seen: string,
  advice: string,
  cause?: unknown,
): StoreUnavailable | StoreCorrupt {
  const message = `${addressOf(url)}: expected ${expected}, saw ${withinSentence(seen)}; ${advice}`;
  const Kind = code === 'STORE_CORRUPT' ? StoreCorrupt : StoreUnavailable;
  return new Kind(code, message, { cause });
}
