import { FIELDS } from '../../support/envelope-fields';
import { CHAIN_START, toNewEvents } from '../../../src/application/envelope';
import { Clock, type Cancel } from '../../../src/application/ports/clock';
import type { EventStore, StoredEvent } from '../../../src/application/ports/event-store';
import { BatchHandler, type Batch } from '../../../src/application/subscribers/batch-handler';
import { Subscribers } from '../../../src/application/subscribers/subscribers';
import { DeadLetters, type DeadLettersAsked } from '../../../src/application/ports/dead-letters';
import { Redelivery } from '../../../src/application/redelivery';
import { TASK_EVENT_VERSIONS } from '../../../src/domain/task/task.events';
import type { Ended, EventPlace } from '../../../src/domain/subscriber/subscriber.events';
import { CryptoIds } from '../../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../../src/infrastructure/system/node-hasher';
import { SAMPLES } from '../../support/odd-events';
import { QuietLogger } from '../../support/quiet-logger';

/** Nobody waits: whenever nothing else happens for a moment, it is as late as the next timer wants it to be. */
export class HurriedClock extends Clock {
  private at = Date.UTC(2026, 0, 1);
  private readonly timers = new Set<{ readonly at: number; readonly wake: () => void }>();

  now(): number {
    return this.at;
  }

  monotonic(): number {
    return this.at;
  }

  after(delayMs: number, wake: () => void): Cancel {
    const timer = { at: this.at + delayMs, wake };
    this.timers.add(timer);
    setTimeout(() => {
      this.fire();
    }, 20);
    return () => this.timers.delete(timer);
  }

  private fire(): void {
    const [next] = [...this.timers].sort((one, other) => one.at - other.at);
    if (!next) return;
    this.timers.delete(next);
    this.at = Math.max(this.at, next.at);
    next.wake();
  }
}

/** Wants events of one type, and notes what it was given. */
export class Noting extends BatchHandler {
  readonly prefix = 'task-';
  readonly got: string[] = [];
  /** Throws for the first event that it names. */
  refuses: (data: string) => boolean = () => false;

  constructor(
    readonly name: string,
    readonly type = 'Wanted',
  ) {
    super();
  }

  wants({ type }: Pick<StoredEvent, 'type'>): boolean {
    return type === this.type;
  }

  handle({ events, done }: Batch): Promise<void> {
    for (const event of events) {
      const { n: said } = event.data as { n: string };
      if (this.refuses(said)) return Promise.reject(new Error(`cannot ${said}`));
      this.got.push(said);
      done(event, said);
    }
    return Promise.resolve();
  }
}

/** A batch, and what its handler says of it. */
export function batchOf(events: readonly StoredEvent[], more: Partial<Batch> = {}) {
  const said: string[] = [];
  const noted =
    (what: string) =>
    (_event: StoredEvent, name?: string, answer?: string): void => {
      said.push(name === undefined ? what : answer === undefined ? `${what} ${name}` : `${what} ${name}: ${answer}`);
    };
  const batch: Batch = {
    events,
    tries: 0,
    signal: new AbortController().signal,
    done: noted('done'),
    delivered: noted('delivered'),
    later: (...given) => {
      noted('later')(...given);
      said.push('rest');
    },
    refused: noted('refused'),
    rest: () => {
      said.push('rest');
    },
    hasTime: () => true,
    ...more,
  };
  return { batch, said };
}

export const hasher = new NodeHasher();
const ids = new CryptoIds();

interface Process {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly worker: string;
  readonly dead?: ReadonlySet<string>;
  readonly origin?: EventPlace;
}

export function processOf({ store, clock, worker, dead, origin }: Process, ...handlers: readonly BatchHandler[]) {
  const logger = new QuietLogger();
  const isDead = (other: string) => dead?.has(other) ?? false;
  const deps = { store, clock, ids, hasher, worker, logger, isDead, origin: () => Promise.resolve(origin ?? null) };
  return Object.assign(new Subscribers(deps, handlers), { logger });
}

/** Appends one event to a stream of its own. */
export async function say(store: EventStore, n: string, type = 'Wanted'): Promise<void> {
  const at = { stream: `task-web.${n}`, expected: 'no-stream', chain: CHAIN_START } as const;
  const made = toNewEvents(hasher, at, [{ type, data: { n } }], {}, FIELDS, () => ids.uuid());
  await store.append(at.stream, at.expected, made.events);
}

/** A task with an alert. @param key `<task>@1`. */
export async function raise(store: EventStore, key: string): Promise<void> {
  const task = key.slice(0, key.indexOf('@'));
  const submitted = SAMPLES.find(({ type }) => type === 'TaskSubmitted');
  const facts = [
    { type: 'TaskSubmitted', data: { ...submitted?.data, taskId: task, project: task.slice(0, task.indexOf('.')) } },
    { type: 'AlertRaised', data: { key, severity: 'critical', title: key, detail: 'look' } },
  ];
  const at = { stream: `task-${task}`, expected: 'no-stream', chain: CHAIN_START } as const;
  const made = toNewEvents(hasher, at, facts, TASK_EVENT_VERSIONS, FIELDS, () => ids.uuid());
  await store.append(at.stream, at.expected, made.events);
}

/** People's way to dead letters, of which these are all. */
export function redeliveryOn(
  store: EventStore,
  clock: Clock,
  ended: readonly Pick<Ended, 'event' | 'name'>[],
): Redelivery {
  const letters = ended.map(({ event, name: alert }) => ({
    sink: 'sim',
    alert,
    project: 'web',
    subscriber: 'alerts.sim',
    event,
  }));
  class Known extends DeadLetters {
    find({ alert, sink }: DeadLettersAsked, limit: number) {
      const isAsked = (each: (typeof letters)[number]) =>
        (alert ?? each.alert) === each.alert && (sink ?? each.sink) === each.sink;
      return Promise.resolve(letters.filter(isAsked).slice(0, limit));
    }
  }
  return new Redelivery({ store, clock, ids, hasher, worker: 'people', letters: new Known() });
}

export async function saysOf(store: EventStore, name: string): Promise<readonly string[]> {
  const events = await store.readStream(`subscriber-${name}`, { limit: 10_000 });
  return events.map(({ type }) => type);
}
