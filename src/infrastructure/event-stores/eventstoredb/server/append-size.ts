import { EventTooLarge } from '../../../../application/ports/event-store';
import { addressOf } from './address';
import type { ClientError } from '../calls/meanings';

/** What docs and compose file set: an append of every size that an import may have, with the names of its events. */
export const RECOMMENDED_APPEND_SIZE = 4 * 1024 * 1024;

/** @returns the limit that a server named when it refused; null when it named none. */
export function limitIn(error: unknown): number | null {
  const { maxAppendSize, message = '' } = error as ClientError;
  if (maxAppendSize !== undefined && Number.isFinite(maxAppendSize)) return maxAppendSize;
  const [, text] = /Maximum Append (?:Event )?Size of (\d+)/.exec(message) ?? [];
  return text === undefined ? null : Number(text);
}

/** Final: the same append is refused each time, until the server is set otherwise. */
export function tooLarge(error: unknown, bytes: number, url: string): EventTooLarge {
  const limit = limitIn(error);
  const seen = limit === null ? 'a lower limit' : `its limit of ${limit}`;
  const text = `${addressOf(url)}: expected a server that takes an append of ${bytes} bytes, saw ${seen}; ${howToRaise(error)}`;
  return new EventTooLarge('STORE_EVENT_TOO_LARGE', text, { cause: error });
}

/** @param error which of the limits it was; without it, that of the whole append. */
export function howToRaise(error: unknown = {}): string {
  const isOfEvents = /Maximum Append Event Size/.test((error as ClientError).message ?? '');
  const name = isOfEvents ? 'MAX_APPEND_EVENT_SIZE' : 'MAX_APPEND_SIZE';
  return `set EVENTSTORE_${name}=${RECOMMENDED_APPEND_SIZE} on its nodes (KURRENTDB_${name} from 25.0 on) and restart them`;
}
