import type { TaskEvent } from '../task.events';
import type { TaskRejection } from '../task.rejections';

/** What a command leads to. A refusal is a value, never an exception. */
export type Decision<Event = TaskEvent, Rejection extends string = TaskRejection> =
  | { readonly kind: 'accept'; readonly events: readonly Event[] }
  | { readonly kind: 'reject'; readonly reason: Rejection; readonly detail: string }
  | { readonly kind: 'nothing' };

export function accept<Event>(events: readonly Event[]): Decision<Event, never> {
  return { kind: 'accept', events };
}

export function reject<Rejection extends string>(reason: Rejection, detail: string): Decision<never, Rejection> {
  return { kind: 'reject', reason, detail };
}

/** The same request came again, or there is nothing left to do. */
export function nothing(): Decision<never, never> {
  return { kind: 'nothing' };
}
