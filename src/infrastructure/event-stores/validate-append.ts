import type { ExpectedRevision } from '../../domain/fact';
import { EventTooLarge, InvalidEvent, type NewEvent } from '../../application/ports/event-store';
import { findUnportable, isPlainObject } from './portable-json';

/** Limits that every store keeps. */
export const MAX_EVENTS = 500;
/** Of an append of the service: below what the tightest server takes as it is delivered (EventStoreDB, 1,048,576 bytes). */
export const MAX_APPEND_BYTES = 1_000_000;
/** Of an import, whose events may come from a version that had these limits: some servers have to be set for them. */
export const MAX_IMPORT_EVENT_BYTES = 1024 * 1024;
export const MAX_IMPORT_BYTES = 3 * 1024 * 1024;

const STREAM = /^[a-z][a-z0-9]*-[A-Za-z0-9._~-]{1,200}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TYPE = /^[A-Za-z][A-Za-z0-9]{0,99}$/;

/** An event whose data and meta are JSON text already: made once, for its size, and used by whoever stores it. */
export interface EncodedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly meta: string;
  /** Of data and meta. */
  readonly bytes: number;
}

/** As the tightest server counts an event. */
export function weightOf({ type, bytes }: { readonly type: string; readonly bytes: number }): number {
  return bytes + 2 * type.length;
}

export interface ValidAppend {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly EncodedEvent[];
  /** Weight of all events. */
  readonly bytes: number;
}

/**
 * Refuses, before any I/O and the same on every store, what some store would hang on, change or keep for ever.
 *
 * @throws InvalidEvent or EventTooLarge: a bug of the caller, never to be retried.
 */
export function validateAppend(
  stream: string,
  expected: ExpectedRevision,
  events: readonly NewEvent[],
  { isImport = false }: { readonly isImport?: boolean } = {},
): ValidAppend {
  if (!matches(STREAM, stream)) invalid(`stream ${JSON.stringify(stream)} does not look like category-id`);
  const isRevision = expected === 'no-stream' || (typeof expected === 'bigint' && expected >= 0n);
  if (!isRevision) invalid(`expected revision must be a number or no-stream, saw ${String(expected)}`);
  if (events.length === 0) invalid('an append needs at least one event');
  if (events.length > MAX_EVENTS) tooLarge(`an append takes at most ${MAX_EVENTS} events, saw ${events.length}`);
  if (new Set(events.map(({ id }) => id)).size < events.length) invalid('an event id stands twice in one append');
  const encoded = events.map(encode);
  const bytes = encoded.reduce((sum, event) => sum + weightOf(event), 0);
  const largest = isImport ? MAX_IMPORT_BYTES : MAX_APPEND_BYTES;
  if (bytes > largest) tooLarge(`an append takes at most ${largest} bytes, saw ${bytes}`);
  return { stream, expected, events: encoded, bytes };
}

function encode({ id, type, data: dataObject, meta: metaObject }: NewEvent): EncodedEvent {
  if (!matches(UUID, id)) invalid(`event id ${JSON.stringify(id)} is no lower-case UUID`);
  if (!matches(TYPE, type)) invalid(`event type ${JSON.stringify(type)} is no plain name`);
  const [data, meta] = [text(dataObject, 'data'), text(metaObject, 'meta')];
  const bytes = Buffer.byteLength(data) + Buffer.byteLength(meta);
  if (bytes > MAX_IMPORT_EVENT_BYTES)
    tooLarge(`an event takes at most ${MAX_IMPORT_EVENT_BYTES} bytes, ${type} has ${bytes}`);
  return { id, type, data, meta, bytes };
}

function text(value: unknown, name: string): string {
  if (!isPlainObject(value)) invalid(`${name} must be a plain object`);
  const found = findUnportable(value);
  if (found) invalid(`${name}${found.path}: ${found.reason} on every store`);
  return JSON.stringify(value);
}

/** `test` alone would make text of whatever it is given. */
function matches(pattern: RegExp, value: unknown): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function invalid(message: string): never {
  throw new InvalidEvent('STORE_INVALID_EVENT', message);
}

function tooLarge(message: string): never {
  throw new EventTooLarge('STORE_EVENT_TOO_LARGE', message);
}
