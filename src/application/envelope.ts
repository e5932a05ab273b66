import type { Actor, ExpectedRevision, Fact } from '../domain/fact';
import type { Instant } from '../domain/instant';
import { canonicalJson, type JsonObject } from '../domain/json';
import type { NewEvent } from './ports/event-store';
import type { Hasher } from './ports/ids';

/** Hash before the first event of a stream. */
export const CHAIN_START = '0'.repeat(64);
/** Keeps these hashes apart from the leaves and nodes of a Merkle tree over the log. */
const CHAIN_PREFIX = '\u0002';

export interface EnvelopeFields {
  readonly occurredAt: Instant;
  readonly actor: Actor;
  readonly worker: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly policyDigest: string | null;
}

/** What is stored beside an event's type and data, as it is stored. */
export interface Meta {
  readonly v: number;
  readonly at: Instant;
  readonly actor: string;
  readonly worker: string;
  readonly correlation: string;
  readonly causation: string;
  readonly policy: string | null;
  readonly chain: string;
}

/** Turns decided events into storable ones, each chained to the one before it. */
export function toNewEvents(
  hasher: Hasher,
  target: { stream: string; expected: ExpectedRevision; chain: string },
  events: readonly Fact<string, unknown>[],
  versions: Readonly<Record<string, number>>,
  fields: EnvelopeFields,
  idOf: (index: number) => string,
): { events: NewEvent[]; chain: string } {
  let { chain } = target;
  const first = target.expected === 'no-stream' ? 0n : target.expected + 1n;
  const chained = events.map((event, index): NewEvent => {
    const { type } = event;
    const [id, data, v] = [idOf(index), event.data as JsonObject, versions[type] ?? 1];
    const revision = first + BigInt(index);
    const meta = unchained(v, fields);
    chain = chainHash(hasher, chain, { id, type, stream: target.stream, revision, data, meta });
    meta.chain = chain;
    return { id, type, data, meta };
  });
  return { events: chained, chain };
}

/** What an event says about itself but for its own hash, which has a place: members without a value are no part of a text. */
function unchained(version: number, fields: EnvelopeFields): Omit<Meta, 'chain'> & { chain: string | undefined } {
  return {
    v: version,
    at: fields.occurredAt,
    actor: fields.actor,
    worker: fields.worker,
    correlation: fields.correlationId,
    causation: fields.causationId,
    policy: fields.policyDigest,
    chain: undefined,
  };
}

/** Hash of one event: over the hash before it and the canonical form of everything the event says. */
export function chainHash(
  hasher: Hasher,
  previous: string,
  event: { id: string; type: string; stream: string; revision: bigint; data: JsonObject; meta: JsonObject },
): string {
  const { id, type, stream, revision, data, meta } = event;
  const text = canonicalJson({ id, type, stream, revision: String(revision), data, meta });
  return hasher.sha256(CHAIN_PREFIX, previous, text);
}

/** The hash that a stored event has to carry, after the one before it in its stream. */
export function chainOf(
  hasher: Hasher,
  previous: string,
  event: { id: string; type: string; stream: string; revision: bigint; data: JsonObject; meta: JsonObject },
): string {
  // A member without a value is no part of the text that is hashed.
  return chainHash(hasher, previous, { ...event, meta: { ...event.meta, chain: undefined } });
}
