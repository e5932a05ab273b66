import { FIELDS } from '../../support/envelope-fields';
import { CHAIN_START, toNewEvents } from '../../../src/application/envelope';
import { Clock, type Cancel } from '../../../src/application/ports/clock';
import type { EventStore, StoredEvent } from '../../../src/application/ports/event-store';
import { BatchHandler, type Batch } from '../../../src/application/subscribers/batch-handler';
import { Subscribers } from '../../../src/application/subscribers/subscribers';
import type { EventPlace } from '../../../src/domain/subscriber/subscriber.events';
import { CryptoIds } from '../../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../../src/infrastructure/system/node-hasher';
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

export async function saysOf(store: EventStore, name: string): Promise<readonly string[]> {
  const events = await store.readStream(`subscriber-${name}`, { limit: 10_000 });
  return events.map(({ type }) => type);
}
