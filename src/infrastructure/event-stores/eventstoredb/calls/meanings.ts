/** What the client throws, as far as it is looked at. Its own kind of error tells more than the number of the protocol. */
export interface ClientError {
  readonly type?: string;
  readonly code?: number;
  readonly message?: string;
  readonly name?: string;
  readonly actualVersion?: bigint | 'no_stream';
  readonly maxAppendSize?: number;
}

/**
 * What an answer says, whichever call it is to. What each becomes for appends and for reads is in `eventstoredb-errors.ts`.
 *
 * - `unanswered`: no answer in time; the connection is left
 * - `given-up`: the server gave up waiting for its own disk or followers; nothing follows from it but to ask again
 * - `unclear`: anything else that is no refusal
 */
export type Meaning =
  | 'conflict'
  | 'no-stream'
  | 'deleted'
  | 'too-large'
  | 'invalid'
  | 'unknown-user'
  | 'denied'
  | 'not-leader'
  | 'given-up'
  | 'never-sent'
  | 'another-server'
  | 'unanswered'
  | 'unclear';

/** By the client's kinds. One that is not here counts by its code. */
export const BY_KIND: Readonly<Record<string, Meaning>> = {
  'wrong-expected-version': 'conflict',
  'stream-not-found': 'no-stream',
  'no-stream': 'no-stream',
  'stream-deleted': 'deleted',
  'maximum-append-size-exceeded': 'too-large',
  'invalid-argument': 'invalid',
  'invalid-transaction': 'invalid',
  'missing-required-metadata-property': 'invalid',
  'not-leader': 'not-leader',
  timeout: 'given-up',
  TookTooLong: 'unanswered',
};

/** By the protocol's codes, each of them. */
export const BY_CODE: readonly { readonly code: string; readonly meaning: Meaning }[] = [
  { code: 'OK', meaning: 'unclear' },
  { code: 'CANCELLED', meaning: 'unclear' },
  { code: 'UNKNOWN', meaning: 'unclear' },
  { code: 'INVALID_ARGUMENT', meaning: 'invalid' },
  { code: 'DEADLINE_EXCEEDED', meaning: 'unanswered' },
  { code: 'NOT_FOUND', meaning: 'unclear' },
  { code: 'ALREADY_EXISTS', meaning: 'unclear' },
  { code: 'PERMISSION_DENIED', meaning: 'denied' },
  { code: 'RESOURCE_EXHAUSTED', meaning: 'unclear' },
  { code: 'FAILED_PRECONDITION', meaning: 'unclear' },
  { code: 'ABORTED', meaning: 'given-up' },
  { code: 'OUT_OF_RANGE', meaning: 'unclear' },
  { code: 'UNIMPLEMENTED', meaning: 'another-server' },
  { code: 'INTERNAL', meaning: 'unclear' },
  { code: 'UNAVAILABLE', meaning: 'unclear' },
  { code: 'DATA_LOSS', meaning: 'unclear' },
  { code: 'UNAUTHENTICATED', meaning: 'unknown-user' },
];

/** Words that say more than the code they come with. */
const BY_WORDS: readonly {
  readonly codes: readonly (number | undefined)[];
  readonly words: RegExp;
  meaning: Meaning;
}[] = [
  // The library's, for a call that never left: then nothing is in doubt.
  {
    codes: [undefined, 1, 14],
    words: /No connection established|Name resolution failed|Failed to discover|Failed to connect/,
    meaning: 'never-sent',
  },
  // A server from 24.10 on limits single events too; its kind is not known to the client.
  { codes: [3], words: /exceeds Maximum Append Event Size/, meaning: 'too-large' },
  // The transport's own limit, of the server or of the library, before anybody looks at the call.
  { codes: [8], words: /Received message exceeds the maximum|Attempted to send message/, meaning: 'too-large' },
  // A page of HTML, read as the length of a message.
  { codes: [8], words: /Received message larger than max/, meaning: 'another-server' },
];

export function meaningOf(error: unknown): Meaning {
  const { type, code, name, message = '' } = error as ClientError;
  const bySaid = BY_WORDS.find(({ codes, words }) => codes.includes(code) && words.test(message));
  if (bySaid) return bySaid.meaning;
  const byKind = BY_KIND[type ?? name ?? ''];
  return byKind ?? (code === undefined ? undefined : BY_CODE[code]?.meaning) ?? 'unclear';
}

/** Another connection may do better: this one is not answered on, or never came about. */
export function needsNewConnection(error: unknown): boolean {
  return ['unanswered', 'never-sent'].includes(meaningOf(error));
}
