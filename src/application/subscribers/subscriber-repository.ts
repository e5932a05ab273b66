import { SERVICE } from '../../domain/authority/principal';
import type { Damage, Unreadable } from '../../domain/damage';
import { subscriberStream } from '../../domain/ids';
import { instant } from '../../domain/instant';
import {
  SUBSCRIBER_EVENT_VERSIONS,
  type EventPlace,
  type SubscriberEvent,
  type SubscriberStanding,
} from '../../domain/subscriber/subscriber.events';
import { isSamePlace } from '../../domain/subscriber/standing';
import { nextRevision, type Folded, type StreamKind } from '../stream-kind';
import { StreamRepository } from '../stream-repository';
import type { Clock } from '../ports/clock';
import type { EventStore, Position, StoredEvent } from '../ports/event-store';
import type { Hasher, Ids } from '../ports/ids';
import { readSubscriberEvent } from '../read-events';

export interface SubscriberRepositoryDeps {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hasher: Hasher;
  readonly worker: string;
  readonly onDamage?: ((damage: Damage) => void) | undefined;
}

export interface KnownStanding {
  /** Null before the first event that can be read. */
  readonly standing: SubscriberStanding | null;
  readonly damage: Damage | null;
}

const SUBSCRIBERS: StreamKind<KnownStanding, SubscriberEvent> = {
  streamOf: subscriberStream,
  versions: SUBSCRIBER_EVENT_VERSIONS,
  initial: { standing: null, damage: null },
  read: readSubscriberEvent,
  evolve: (before, event) => evolveStanding(before, event),
  damageOf: ({ damage }) => damage,
  isToldByLast: true,
  remembered: 1,
  remembersNothing: false,
};

/** The stream of one subscriber: where it stands, told by its last event. */
export class SubscriberRepository {
  private readonly streams: StreamRepository<KnownStanding, SubscriberEvent>;
  private appends = 0;
  private place: { readonly of: EventPlace; readonly position: Position } | null = null;

  constructor(
    readonly name: string,
    private readonly deps: SubscriberRepositoryDeps,
  ) {
    const { store, hasher, onDamage } = deps;
    this.streams = new StreamRepository(SUBSCRIBERS, { store, hasher, onDamage });
  }

  recall(): Promise<Folded<KnownStanding>> {
    return this.streams.recall(this.name);
  }

  load(): Promise<Folded<KnownStanding>> {
    return this.streams.load(this.name);
  }

  observe(stored: StoredEvent): void {
    this.streams.observe(this.name, stored);
  }

  /** Where the next event of this stream will stand. */
  nextPlace({ revision }: Folded<KnownStanding>): EventPlace {
    return { stream: subscriberStream(this.name), revision: String(nextRevision(revision)) };
  }

  /** @returns null when the log holds no such event. */
  async positionOf(place: EventPlace): Promise<Position | null> {
    const { of, position } = this.place ?? {};
    if (of && position && isSamePlace(of, place)) return position;
    const [stored] = await this.deps.store.readStream(place.stream, { from: BigInt(place.revision), limit: 1 });
    if (stored) this.notePlace(stored);
    return stored?.position ?? null;
  }

  /** Saves reading it back. */
  notePlace(stored: StoredEvent): void {
    this.place = { of: placeOf(stored), position: stored.position };
  }

  /** @returns false when somebody else was faster: what is known is then as of now. @throws whatever `appendReliably` does. */
  async append(before: Folded<KnownStanding>, event: SubscriberEvent, actor: string = SERVICE.name): Promise<boolean> {
    const { clock, hasher, ids, worker } = this.deps;
    const { name, streams } = this;
    const fields = {
      occurredAt: instant(clock.now()),
      actor,
      worker,
      correlationId: name,
      causationId: before.lastEventId,
      policyDigest: null,
    };
    const commandId = `${subscriberStream(name)}@${before.revision}:${worker}:${(this.appends += 1)}`;
    const decided = { state: { standing: event.data, damage: null }, events: [event], fields };
    const prepared = streams.prepare(name, before, decided, { hasher, idOf: (index) => ids.eventId(commandId, index) });
    const outcome = await streams.store(prepared, this.deps).catch((error: unknown) => {
      // It may be stored all the same: the stream has to say.
      streams.forget(name);
      throw error;
    });
    if (outcome === 'stored') return true;
    streams.forget(name);
    await this.load();
    return false;
  }
}

export function placeOf({ stream, revision }: StoredEvent): EventPlace {
  return { stream, revision: String(revision) };
}

/** What cannot be read is passed over: every event says everything, the one before it and the one that comes next too. */
function evolveStanding(before: KnownStanding, event: SubscriberEvent | Unreadable): KnownStanding {
  if (event.type === 'Unreadable') return { ...before, damage: event.data };
  return { standing: event.data, damage: null };
}
