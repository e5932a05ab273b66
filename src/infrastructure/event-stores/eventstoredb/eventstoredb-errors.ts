import type { ExpectedRevision } from '../../../domain/fact';
import {
  EventTooLarge,
  InvalidEvent,
  OutcomeUnknown,
  RevisionConflict,
  StoreBusy,
  StoreCorrupt,
  StoreUnavailable,
  StreamNotFound,
} from '../../../application/ports/event-store';
import { InfrastructureError } from '../../../application/ports/infrastructure-error';
import { addressOf } from './address';

/** What the client throws, as far as it is looked at. Its own kind of error tells more than the number of the protocol. */
interface ClientError {
  readonly type?: string;
  readonly code?: number;
  readonly message?: string;
  readonly name?: string;
  readonly actualVersion?: bigint | 'no_stream';
}

const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const PERMISSION_DENIED = 7;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;
/** The library's words for a call that never left: then nothing is in doubt. */
const NEVER_SENT = /No connection established|Name resolution failed|Failed to discover|Failed to connect/;

function keyOf({ type, code, name }: ClientError): string | number {
  return type ?? code ?? name ?? '';
}

function textOf({ message, type }: ClientError): string {
  return message === undefined || message === '' ? (type ?? 'none') : message;
}

/** Another connection may do better: this one is not answered on, or never came about. */
export function needsNewConnection(error: unknown): boolean {
  const key = keyOf(error as ClientError);
  return ['TookTooLong', 'deadline-exceeded', DEADLINE_EXCEEDED].includes(key) || wasNeverSent(error);
}

export function isNotLeader(error: unknown): boolean {
  return keyOf(error as ClientError) === 'not-leader';
}

/** What became of an append that was handed to the client. Only what the server itself refused is known not to be stored. */
export function appendError(error: unknown, stream: string, expected: ExpectedRevision, url: string): unknown {
  if (error instanceof InfrastructureError) return error;
  const { actualVersion } = error as ClientError;
  const key = keyOf(error as ClientError);
  const seen = textOf(error as ClientError);
  if (key === 'wrong-expected-version')
    return new RevisionConflict(stream, expected, typeof actualVersion === 'bigint' ? actualVersion : 'no-stream');
  if (key === 'maximum-append-size-exceeded') return new EventTooLarge('STORE_EVENT_TOO_LARGE', seen, { cause: error });
  if (key === 'invalid-argument') return new InvalidEvent('STORE_INVALID_EVENT', seen, { cause: error });
  const refused = refusal(error, stream, url);
  if (refused) return refused;
  if (wasNeverSent(error)) return away(error, url);
  const text = `${addressOf(url)}: expected an answer, saw ${seen}; the append may be stored: send the same one again`;
  return new OutcomeUnknown('STORE_OUTCOME_UNKNOWN', text, { cause: error });
}

/** @param stream null for the whole log. */
export function readError(error: unknown, stream: string | null, url: string): unknown {
  if (error instanceof InfrastructureError) return error;
  if (keyOf(error as ClientError) === 'stream-not-found' && stream !== null) return new StreamNotFound(stream);
  return refusal(error, stream ?? '$all', url) ?? away(error, url);
}

export function busy(url: string): StoreBusy {
  return new StoreBusy(
    'STORE_BUSY',
    `${addressOf(url)}: expected to append, saw its caller give up; nothing is stored`,
  );
}

function refusal(error: unknown, stream: string, url: string): StoreUnavailable | StoreCorrupt | null {
  const { code } = error as ClientError;
  const key = keyOf(error as ClientError);
  const at = `${addressOf(url)}: expected`;
  if (key === 'stream-deleted') {
    const text = `${at} ${stream}, saw it deleted; restore a backup, nothing may be deleted from this log`;
    return new StoreCorrupt('STORE_CORRUPT', text, { cause: error });
  }
  if (key !== 'access-denied' && code !== PERMISSION_DENIED && code !== UNAUTHENTICATED) return null;
  const right = stream === '$all' ? 'the right to read $all' : 'to be let in';
  const how = 'correct user and password of the URL, or the access list; see docs/eventstoredb.md';
  const text = `${at} ${right}, saw ${textOf(error as ClientError)}; ${how}`;
  return new StoreUnavailable('STORE_ACCESS_DENIED', text, { cause: error });
}

function away(error: unknown, url: string): StoreUnavailable {
  const text = `${addressOf(url)}: expected a server that answers, saw ${textOf(error as ClientError)}; start it, or correct the URL`;
  return new StoreUnavailable('STORE_UNAVAILABLE', text, { cause: error });
}

function wasNeverSent(error: unknown): boolean {
  const { code, message = '' } = error as ClientError;
  return (code === undefined || code === UNAVAILABLE || code === CANCELLED) && NEVER_SENT.test(message);
}
