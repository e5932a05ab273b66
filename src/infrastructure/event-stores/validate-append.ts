import type { ExpectedRevision } from '../../domain/fact';
import { EventTooLarge, InvalidEvent, type NewEvent } from '../../application/ports/event-store';

/** Limits that every store keeps, far below the tightest one of any server. */
export const MAX_EVENTS = 500;
export const MAX_EVENT_BYTES = 1024 * 1024;
export const MAX_APPEND_BYTES = 3 * 1024 * 1024;

const STREAM = /^[a-z][a-z0-9]*-[A-Za-z0-9._~-]{1,200}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TYPE = /^[A-Za-z][A-Za-z0-9]{0,99}$/;

/**
 * Refuses, before any I/O and the same on every store, what some store would hang on, change or keep for ever.
 *
 * @throws InvalidEvent or EventTooLarge: a bug of the caller, never to be retried.
 */
export function validateAppend(stream: string, expected: ExpectedRevision, events: readonly NewEvent[]): void {
  if (!STREAM.test(stream)) invalid(`stream ${JSON.stringify(stream)} does not look like category-id`);
  const isRevision = expected === 'no-stream' || (typeof expected === 'bigint' && expected >= 0n);
  if (!isRevision) invalid(`expected revision must be a number or no-stream, saw ${String(expected)}`);
  if (events.length === 0) invalid('an append needs at least one event');
  if (events.length > MAX_EVENTS) tooLarge(`an append takes at most ${MAX_EVENTS} events, saw ${events.length}`);
  if (new Set(events.map(({ id }) => id)).size < events.length) invalid('an event id stands twice in one append');
  const bytes = events.map(validateEvent).reduce((sum, size) => sum + size, 0);
  if (bytes > MAX_APPEND_BYTES) tooLarge(`an append takes at most ${MAX_APPEND_BYTES} bytes, saw ${bytes}`);
}

/** @returns the event's size in bytes. */
function validateEvent({ id, type, data, meta }: NewEvent): number {
  if (!UUID.test(id)) invalid(`event id ${JSON.stringify(id)} is no lower-case UUID`);
  if (!TYPE.test(type)) invalid(`event type ${JSON.stringify(type)} is no plain name`);
  assertPortable(data, 'data');
  assertPortable(meta, 'meta');
  const bytes = Buffer.byteLength(JSON.stringify(data)) + Buffer.byteLength(JSON.stringify(meta));
  if (bytes > MAX_EVENT_BYTES) tooLarge(`an event takes at most ${MAX_EVENT_BYTES} bytes, ${type} has ${bytes}`);
  return bytes;
}

/** Only what every store gives back as it was: jsonb, for example, cannot hold NUL and rounds large numbers. */
function assertPortable(value: unknown, path: string): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    const isSafe = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
    if (!isSafe || Object.is(value, -0)) invalid(`${path}: ${String(value)} does not survive every store`);
    return;
  }
  if (typeof value === 'string') {
    if (value.includes('\u0000')) invalid(`${path}: text with NUL does not survive every store`);
    if (!isWellFormed(value)) invalid(`${path}: text with half a surrogate pair does not survive every store`);
    return;
  }
  if (typeof value !== 'object') invalid(`${path}: ${typeof value} is no JSON`);
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      assertPortable(item, `${path}[${index}]`);
    });
    return;
  }
  const proto: unknown = Object.getPrototypeOf(value);
  // A plain object's prototype has none itself; comparing with Object.prototype would refuse those of another realm.
  if (proto !== null && Object.getPrototypeOf(proto) !== null) invalid(`${path}: only plain objects are JSON`);
  for (const [key, member] of Object.entries(value)) {
    // Members without a value are dropped by JSON, here as everywhere.
    if (member === undefined) continue;
    assertPortable(key, `${path} key`);
    assertPortable(member, `${path}.${key}`);
  }
}

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

function invalid(message: string): never {
  throw new InvalidEvent('STORE_INVALID_EVENT', message);
}

function tooLarge(message: string): never {
  throw new EventTooLarge('STORE_EVENT_TOO_LARGE', message);
}
