import type { ExpectedRevision } from '../../../../domain/fact';
import {
  InvalidEvent,
  OutcomeUnknown,
  RevisionConflict,
  StoreBusy,
  StoreCorrupt,
  StoreUnavailable,
} from '../../../../application/ports/event-store';
import { InfrastructureError } from '../../../../application/ports/infrastructure-error';
import { addressOf } from '../server/address';
import { tooLarge } from '../server/append-size';
import { meaningOf, type ClientError } from './meanings';
import { inShort, troubleOf } from '../server/troubles';

/** An append as its errors tell of it. */
export interface Attempt {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly bytes: number;
}

/** What became of an append that was handed to the client. Only what the server itself refused is known not to be stored. */
export function appendError(error: unknown, { stream, expected, bytes }: Attempt, url: string): unknown {
  if (error instanceof InfrastructureError) return error;
  const { actualVersion } = error as ClientError;
  const seen = inShort(wordsOf(error));
  switch (meaningOf(error)) {
    case 'conflict':
      return new RevisionConflict(stream, expected, typeof actualVersion === 'bigint' ? actualVersion : 'no-stream');
    case 'too-large':
      return tooLarge(error, bytes, url);
    case 'invalid': {
      const text = `${addressOf(url)}: expected it to take an append to ${stream}, saw ${seen}; report this, it is refused each time`;
      return new InvalidEvent('STORE_INVALID_EVENT', text, { cause: error });
    }
    case 'never-sent':
    case 'another-server':
      return away(error, url);
    case 'deleted':
    case 'unknown-user':
    case 'denied':
      return refusal(error, `append to ${stream}`, url);
    case 'no-stream':
    case 'not-leader':
    case 'given-up':
    case 'unanswered':
    case 'unclear': {
      const text = `${addressOf(url)}: expected an answer, saw ${seen}; the append may be stored: send the same one again`;
      return new OutcomeUnknown('STORE_OUTCOME_UNKNOWN', text, { cause: error });
    }
  }
}

/** @param stream null for the whole log. */
export function readError(error: unknown, stream: string | null, url: string): unknown {
  if (error instanceof InfrastructureError) return error;
  const what = stream ?? '$all';
  switch (meaningOf(error)) {
    case 'invalid': {
      const text = `${addressOf(url)}: expected the place where the last read of ${what} ended, saw ${inShort(wordsOf(error))}; if this is another log than before, run stagegate rebuild`;
      return new StoreCorrupt('STORE_CORRUPT', text, { cause: error });
    }
    case 'deleted':
    case 'no-stream':
    case 'unknown-user':
    case 'denied':
      return refusal(error, `read ${what}`, url);
    case 'conflict':
    case 'too-large':
    case 'never-sent':
    case 'another-server':
    case 'not-leader':
    case 'given-up':
    case 'unanswered':
    case 'unclear':
      return away(error, url);
  }
}

export function busy(url: string): StoreBusy {
  return new StoreBusy(
    'STORE_BUSY',
    `${addressOf(url)}: expected to append, saw its caller give up; nothing is stored`,
  );
}

/** @param words what is known better than by the error. */
export function away(error: unknown, url: string, words = wordsOf(error)): StoreUnavailable {
  const { seen, cure } = troubleOf(words, url);
  const text = `${addressOf(url)}: expected a server that answers, saw ${seen}; ${cure}`;
  return new StoreUnavailable('STORE_UNAVAILABLE', text, { cause: error });
}

/** @param call such as `read $all` */
function refusal(error: unknown, call: string, url: string): StoreUnavailable | StoreCorrupt {
  const at = `${addressOf(url)}: expected`;
  const seen = inShort(wordsOf(error));
  const meaning = meaningOf(error);
  if (meaning === 'deleted' || meaning === 'no-stream') {
    const text = `${at} to ${call}, saw it deleted; restore a backup, nothing may be deleted from this log`;
    return new StoreCorrupt('STORE_CORRUPT', text, { cause: error });
  }
  const text =
    meaning === 'unknown-user'
      ? `${at} a user and password that the server knows, saw ${seen}; correct them in the URL, or make the user`
      : `${at} the right to ${call}, saw ${seen}; add the user of the URL to the access list, see docs/operations.md`;
  return new StoreUnavailable('STORE_ACCESS_DENIED', text, { cause: error });
}

function wordsOf(error: unknown): string {
  const { message, type } = error as ClientError;
  return message === undefined || message === '' ? (type ?? 'none') : message;
}
