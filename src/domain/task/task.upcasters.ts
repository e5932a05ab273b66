import type { TaskEvent } from './task.events';

/** Lifts an event of version n to version n + 1 of its type. */
export type Upcaster = (data: unknown) => unknown;

/** By event type, one function per step: index 0 lifts version 1 to 2. */
export const TASK_UPCASTERS: Readonly<Partial<Record<string, readonly Upcaster[]>>> = {};

/** Brings a stored event to its newest shape; deciders and projectors see only that. */
export function upcastTaskEvent(event: TaskEvent, version: number): TaskEvent {
  const steps = TASK_UPCASTERS[event.type]?.slice(version - 1);
  if (!steps || steps.length === 0) return event;
  return { ...event, data: steps.reduce((data: unknown, step) => step(data), event.data) } as TaskEvent;
}
