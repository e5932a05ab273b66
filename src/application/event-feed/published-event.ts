import type { Damage } from '../../domain/damage';
import { LANE_STREAM_PREFIX, parseTaskId, SWITCH_STREAM_PREFIX, TASK_STREAM_PREFIX, taskIn } from '../../domain/ids';
import { cloudEvent } from '../../domain/published/cloud-event';
import { isObject, text } from '../../domain/shape';
import { positionText } from '../position';
import type { Position, StoredEvent } from '../ports/event-store';
import { chainIn, isUnreadable, readLogEvent, unreadable, whenOf } from '../read-events';

/**
 * The streams that are told outside. Others hold commands of the operator (policies), who is let in (tokens), or are the
 * mechanism's own.
 */
export const PUBLISHED_PREFIXES: readonly string[] = [TASK_STREAM_PREFIX, LANE_STREAM_PREFIX, SWITCH_STREAM_PREFIX];

/** An event as it goes out, made once for all who follow. */
export interface PublishedEvent {
  readonly position: Position;
  /** `position` as text. */
  readonly place: string;
  readonly type: string;
  readonly project: string;
  readonly task: string | null;
  /** A CloudEvent, without a line break. */
  readonly json: string;
}

/** @param damage of its stream, where some is known: of what stands there and behind it nothing is repeated. */
export function publishedEvent(stored: StoredEvent, log: string, damage: Damage | null): PublishedEvent | null {
  const about = subjectOf(stored.stream);
  if (!about) return null;
  const { type, data } = readable(stored, damage);
  const { at: occurredAt, policyDigest } = whenOf(stored);
  const { v, actor, worker, correlation, causation } = membersOf(stored.meta);
  const place = positionText(stored.position);
  const event = cloudEvent({
    ...about,
    log,
    id: stored.id,
    type,
    stream: stored.stream,
    revision: stored.revision,
    position: place,
    occurredAt,
    version: typeof v === 'number' ? v : 1,
    actor: textIn(actor),
    worker: textIn(worker),
    correlationId: textIn(correlation),
    causationId: textIn(causation),
    policyDigest,
    chain: textIn(chainIn(stored)),
    data,
  });
  return { position: stored.position, place, type, ...about, json: JSON.stringify(event) };
}

/** @returns null for a stream that is not told outside. */
function subjectOf(stream: string): { readonly project: string; readonly task: string | null } | null {
  if (stream.startsWith(TASK_STREAM_PREFIX)) {
    const task = taskIn(stream);
    const known = parseTaskId(task);
    return known && { project: known.project, task };
  }
  const prefix = PUBLISHED_PREFIXES.find((one) => stream.startsWith(one));
  return prefix === undefined ? null : { project: stream.slice(prefix.length), task: null };
}

function readable(stored: StoredEvent, damage: Damage | null): { readonly type: string; readonly data: unknown } {
  const event = readLogEvent(stored);
  if (damage === null || isUnreadable(event) || stored.revision < BigInt(damage.revision)) return event;
  return unreadable(stored, 'it stands at or behind one that cannot be relied on');
}

function membersOf(meta: unknown): Readonly<Record<string, unknown>> {
  return isObject(meta) ? meta : {};
}

function textIn(value: unknown): string {
  return text(value) ? value : '';
}
