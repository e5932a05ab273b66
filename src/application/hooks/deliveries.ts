import { hookName, type HookSource } from '../../domain/hooks/hook-sources';
import { HOOK_EVENT_VERSIONS, type HookEvent } from '../../domain/hooks/hook.events';
import { readDelivery, type DeliveryReading } from '../../domain/hooks/read-delivery';
import { hookStream, type Digest } from '../../domain/ids';
import { instant } from '../../domain/instant';
import { failpoint } from '../failpoint';
import { CHAIN_START, toNewEvents } from '../envelope';
import { EventIdReused, type EventStore, type NewEvent } from '../ports/event-store';
import type { Clock } from '../ports/clock';
import type { Hasher, Ids } from '../ports/ids';
import type { Projects } from '../projects';
import { appendReliably } from '../reliable-append';
import type { BranchLooks } from './branch-looks';

/** A delivery whose signature was found good. */
export interface Delivery {
  readonly project: string;
  readonly source: HookSource;
  readonly id: string;
  /** As the source calls it; empty where it says nothing. */
  readonly event: string;
  /** Of what was signed. */
  readonly digest: Digest;
  readonly payload: unknown;
}

export interface DeliveryAnswer {
  readonly meaning: DeliveryReading['meaning'];
  /** Its id is known. */
  readonly duplicate: boolean;
  /** What was signed is known, under another id. */
  readonly replayed: boolean;
}

export interface DeliveriesDeps {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hasher: Hasher;
  readonly worker: string;
  readonly projects: Projects;
  readonly looks: BranchLooks;
  /** Whoever acts on what is recorded has to stand before it in the log. */
  readonly subscribers: {
    beforeAppend(stream: string, events: readonly NewEvent[]): Promise<void>;
    onAppended(stream: string, events: readonly NewEvent[]): void;
  };
}

/**
 * Records what was delivered, each delivery once. The stream is named after its id, and the id of the event is made of what was signed:
 * so the store, which takes neither twice, knows both a delivery that comes again and one that is replayed under a new id.
 */
export class Deliveries {
  constructor(private readonly deps: DeliveriesDeps) {}

  async take(delivery: Delivery): Promise<DeliveryAnswer> {
    const { projects, looks } = this.deps;
    const { project, source, event, payload } = delivery;
    const required = projects.get(project)?.policy.ci?.requiredChecks ?? [];
    const reading = readDelivery(source, event, payload, required);
    const { meaning } = reading;
    if (meaning === 'acknowledged') return { meaning, duplicate: false, replayed: false };
    const known = await this.record(delivery, reading);
    // Also for one that is known: whoever has recorded it may have ended before it looked.
    void looks.ask(project);
    return { meaning, duplicate: known === 'id', replayed: known === 'digest' };
  }

  /** @returns what of it was known already; null for nothing. */
  private async record(
    { project, source, id, digest }: Delivery,
    reading: Exclude<DeliveryReading, { meaning: 'acknowledged' }>,
  ): Promise<'id' | 'digest' | null> {
    const { store, subscribers } = this.deps;
    const stream = hookStream(project, source, id);
    if ((await store.readStream(stream, { limit: 1 })).length > 0) return 'id';
    const { event, meaning } = reading;
    const check = reading.meaning === 'evidence' ? reading.check : null;
    const data = { project, source, delivery: id, event, digest, meaning, check };
    const events = this.storable(stream, { type: 'WebhookReceived', data });
    await subscribers.beforeAppend(stream, events);
    try {
      const outcome = await appendReliably(this.deps, stream, 'no-stream', events);
      if (outcome.kind === 'conflict') return 'id';
      await failpoint('delivery.recorded');
      subscribers.onAppended(stream, events);
      // EventStoreDB cannot tell; two that come at once may both be told that they were first there.
      return outcome.isRepeated && store.info.kind !== 'eventstoredb' ? 'id' : null;
    } catch (error) {
      if (error instanceof EventIdReused) return 'digest';
      throw error;
    }
  }

  private storable(stream: string, event: HookEvent): readonly NewEvent[] {
    const { clock, ids, hasher, worker } = this.deps;
    const { project, source, digest } = event.data;
    const fields = {
      occurredAt: instant(clock.now()),
      actor: hookName(project, source),
      worker,
      correlationId: project,
      causationId: '',
      policyDigest: null,
    };
    const idOf = (index: number) => ids.eventId(`${hookName(project, source)}:${digest}`, index);
    const target = { stream, expected: 'no-stream' as const, chain: CHAIN_START };
    return toNewEvents(hasher, target, [event], HOOK_EVENT_VERSIONS, fields, idOf).events;
  }
}
