import { DELIVERY_PREFIXES, LANE_STREAM_PREFIX, parseTaskId, TASK_STREAM_PREFIX, taskIn } from '../../../domain/ids';
import type { Ended, EventPlace, SetAside } from '../../../domain/subscriber/subscriber.events';
import type { LogEvent } from '../../events/log-event';

export const DELIVERY_OUTCOMES = ['delivered', 'retrying', 'dead'] as const;
export type DeliveryOutcome = (typeof DELIVERY_OUTCOMES)[number];

/** One alert on its way to one sink. */
export interface QueueDelivery {
  readonly sink: string;
  readonly alert: string;
  /** Null for the alert of a lane. */
  readonly taskId: string | null;
  readonly project: string;
  readonly outcome: DeliveryOutcome;
  /** While it is not delivered: for finding those. */
  readonly unsent: 'retrying' | 'dead' | null;
  /** Since it was tried first, or asked for anew. */
  readonly tries: number;
  /** When it was tried first, whatever was asked for since. */
  readonly firstAt: string;
  /** When anything came of it last. */
  readonly lastAt: string;
  /** Null where nobody tries it again by himself. */
  readonly nextAt: string | null;
  /** What came of it last: of the sink, or what was in the way. */
  readonly answer: string;
  /** The event that raised the alert, and who delivers it: for having it tried anew. */
  readonly stream: string;
  readonly revision: string;
  readonly subscriber: string;
}

export function keysOf(seen: LogEvent): readonly string[] {
  if (seen.of !== 'delivery') return [];
  const { aside = [], ended = [] } = seen.event.data;
  if (aside.length + ended.length === 0) return [];
  const sink = sinkOf(seen.subscriber);
  return [...new Set([...aside, ...ended].map(({ name }) => `${sink} ${name}`))];
}

export function fold(row: QueueDelivery | null, seen: LogEvent, key: string): QueueDelivery | null {
  if (seen.of !== 'delivery') return row;
  const { subscriber, event } = seen;
  const { aside = [], ended = [] } = event.data;
  const sink = sinkOf(subscriber);
  const isIt = ({ name }: { readonly name: string }) => `${sink} ${name}` === key;
  // It may have been refused and asked for anew between two events: what is aside came last.
  const waiting = aside.find(isIt);
  if (waiting) return unlessSame(row, retrying({ ...placeOf(waiting, sink), subscriber }, waiting, row));
  const done = ended.find(isIt);
  return done ? over({ ...placeOf(done, sink), subscriber }, done, row, event.envelope.occurredAt) : row;
}

/** @returns the name of the sink that a subscriber delivers to. */
export function sinkOf(subscriber: string): string {
  const prefix = DELIVERY_PREFIXES.find((each) => subscriber.startsWith(each)) ?? '';
  return subscriber.slice(prefix.length);
}

type Place = Pick<QueueDelivery, 'sink' | 'alert' | 'taskId' | 'project' | 'stream' | 'revision'>;

function placeOf({ name, event }: { readonly name: string; readonly event: EventPlace }, sink: string): Place {
  const { stream, revision } = event;
  const taskId = stream.startsWith(TASK_STREAM_PREFIX) ? taskIn(stream) : null;
  const project = taskId === null ? stream.slice(LANE_STREAM_PREFIX.length) : (parseTaskId(taskId)?.project ?? '');
  return { sink, alert: name, taskId, project, stream, revision };
}

type Of = Place & Pick<QueueDelivery, 'subscriber'>;

function retrying(
  of: Of,
  { since, tries, triedAt, dueAt, answer }: SetAside,
  row: QueueDelivery | null,
): QueueDelivery {
  const times = { firstAt: row?.firstAt ?? since, lastAt: triedAt, nextAt: dueAt };
  return { ...of, outcome: 'retrying', unsent: 'retrying', tries, answer, ...times };
}

function over(of: Of, { outcome, since, tries, answer }: Ended, row: QueueDelivery | null, at: string): QueueDelivery {
  const times = { firstAt: row?.firstAt ?? since, lastAt: at, nextAt: null };
  return { ...of, outcome, unsent: outcome === 'dead' ? 'dead' : null, tries, answer, ...times };
}

/** Every event says all that is aside: most of it is known. */
function unlessSame(row: QueueDelivery | null, next: QueueDelivery): QueueDelivery {
  const isSame =
    row?.outcome === next.outcome &&
    row.tries === next.tries &&
    row.lastAt === next.lastAt &&
    row.nextAt === next.nextAt;
  return isSame ? row : next;
}
