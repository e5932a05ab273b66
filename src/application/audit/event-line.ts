import { canonicalJson, type JsonObject, type JsonValue } from '../../domain/json';
import { isJson } from '../../domain/shape';
import type { StoredEvent } from '../ports/event-store';

/** An event without what belongs to one store alone: its position and the time it was recorded there. */
export type MovableEvent = Omit<StoredEvent, 'position' | 'recordedAt'>;

/** All events of a log in their global order; each call begins anew. */
export type MovableLog = () => AsyncIterable<MovableEvent>;

const MEMBERS = ['data', 'id', 'meta', 'revision', 'stream', 'type'];
const REVISION = /^(?:0|[1-9]\d{0,17})$/;

/**
 * An event as one line of text, in the form that its hash is made from (RFC 8785): equal events give the same bytes,
 * whatever store they come from. A revision is text, as numbers beyond 2^53 are not safe in JSON.
 */
export function eventLine({ id, stream, revision, type, data, meta }: MovableEvent): string {
  return canonicalJson({ id, stream, revision: String(revision), type, data, meta });
}

/** @returns null for whatever `eventLine` did not write, byte for byte. */
export function parseEventLine(text: string): MovableEvent | null {
  const event = looseEventLine(text);
  return event && eventLine(event) === text ? event : null;
}

/** The same of a line that may be spelt in another way. @returns null for what has other members than an event. */
export function looseEventLine(text: string): MovableEvent | null {
  const value = parsed(text);
  if (!isObject(value) || Object.keys(value).sort().join() !== MEMBERS.join()) return null;
  const { id, stream, revision, type, data, meta } = value;
  const isText = [id, stream, revision, type].every((member) => typeof member === 'string');
  if (!isText || !REVISION.test(revision as string) || !isObject(data) || !isObject(meta)) return null;
  // Deeper than anything of ours, it would be too deep to be spelt.
  if (!isJson(data) || !isJson(meta)) return null;
  return { id, stream, revision: BigInt(revision as string), type, data, meta } as MovableEvent;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    // No JSON, so nothing that was written by us.
    return null;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
