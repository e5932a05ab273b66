import { randomUUID } from 'node:crypto';
import type { EventStore, NewEvent, StoredEvent } from '../../../src/application/ports/event-store';

/** An event nobody has stored yet. */
export function event(fields: Partial<NewEvent> = {}): NewEvent {
  return { id: randomUUID(), type: 'TaskAnnotated', data: { note: 'x' }, meta: { actor: 'ann' }, ...fields };
}

export function events(count: number): readonly NewEvent[] {
  return Array.from({ length: count }, (_, index) => event({ data: { index } }));
}

let streams = 0;

/** Name of a stream nobody has used yet. */
export function stream(category = 'task'): string {
  streams += 1;
  return `${category}-${process.pid}.${streams}`;
}

/** A stream of `count` events, stored by appends of up to 500. */
export async function filled(store: EventStore, count: number, name = stream()): Promise<string> {
  for (let stored = 0; stored < count; stored += 500) {
    const expected = stored === 0 ? 'no-stream' : BigInt(stored - 1);
    await store.append(name, expected, events(Math.min(500, count - stored)));
  }
  return name;
}

/** Everything from the start, by pages. */
export async function everything(store: EventStore, prefixes: readonly string[] = ['']): Promise<StoredEvent[]> {
  const all: StoredEvent[] = [];
  let page = await store.readAll({ prefixes, limit: 1_000 });
  for (;;) {
    all.push(...page.events);
    if (page.end) return all;
    page = await store.readAll({ after: page.next, prefixes, limit: 1_000 });
  }
}

/** The whole stream; none when there is no such stream. */
export async function stored(store: EventStore, name: string): Promise<StoredEvent[]> {
  return everything(store, [name]);
}

export function idsOf(list: readonly { readonly id: string }[]): readonly string[] {
  return list.map(({ id }) => id);
}

/** What an append came to, as a word and a number. */
export async function outcome(append: Promise<{ readonly revision: bigint }>): Promise<string> {
  try {
    return `ok ${(await append).revision}`;
  } catch (error) {
    const { name, actual } = error as { name: string; actual?: unknown };
    return name === 'RevisionConflict' ? `conflict ${String(actual)}` : name;
  }
}
