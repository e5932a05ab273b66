import type { Instant } from '../instant';

/** Before the name that an event has in the log. */
export const CLOUD_EVENT_TYPE_PREFIX = 'dev.stagegate.';

/** What of a stored event its reader outside gets, and where it stands in the log. */
export interface PublishedFacts {
  /** Name of the log; two logs never share an id and a source. */
  readonly log: string;
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: bigint;
  /** Text of its place in the global order. */
  readonly position: string;
  readonly project: string;
  /** Null for what is about a project alone. */
  readonly task: string | null;
  readonly occurredAt: Instant;
  /** Version of `data`. */
  readonly version: number;
  readonly actor: string;
  readonly worker: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly policyDigest: string | null;
  readonly chain: string;
  readonly data: unknown;
}

/**
 * CloudEvents 1.0 in JSON. Everything that is not of the standard is an extension attribute: a text, or an integer of 32 bits,
 * under a name of lower-case letters and digits alone. Attributes cannot be null, so what is unknown is left out.
 */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** The task, or the project where no task is meant. */
  readonly subject: string;
  readonly time: Instant;
  readonly datacontenttype: 'application/json';
  readonly project: string;
  readonly stream: string;
  readonly revision: string;
  readonly position: string;
  readonly dataversion: number;
  readonly actor?: string;
  readonly worker?: string;
  readonly correlation?: string;
  readonly causation?: string;
  readonly policy?: string;
  readonly chain?: string;
  readonly data: unknown;
}

export function cloudEvent(facts: PublishedFacts): CloudEvent {
  const { log, id, type, stream, revision, position, project, task, occurredAt, version, data } = facts;
  return {
    specversion: '1.0',
    id,
    source: sourceOf(log),
    type: CLOUD_EVENT_TYPE_PREFIX + type,
    subject: task ?? project,
    time: occurredAt,
    datacontenttype: 'application/json',
    project,
    stream,
    revision: String(revision),
    position,
    dataversion: version,
    ...(facts.actor !== '' && { actor: facts.actor }),
    ...(facts.worker !== '' && { worker: facts.worker }),
    ...(facts.correlationId !== '' && { correlation: facts.correlationId }),
    ...(facts.causationId !== '' && { causation: facts.causationId }),
    ...(facts.policyDigest !== null && { policy: facts.policyDigest }),
    ...(facts.chain !== '' && { chain: facts.chain }),
    data,
  };
}

/** The name that an event has in the log. */
export function typeInLog({ type }: Pick<CloudEvent, 'type'>): string {
  return type.startsWith(CLOUD_EVENT_TYPE_PREFIX) ? type.slice(CLOUD_EVENT_TYPE_PREFIX.length) : type;
}

/** Of a log that nothing is in yet there is nothing to tell apart. */
function sourceOf(log: string): string {
  return `urn:stagegate:${log}`;
}
