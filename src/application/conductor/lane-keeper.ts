import type { Damage } from '../../domain/damage';
import { laneStream } from '../../domain/ids';
import { instant } from '../../domain/instant';
import { decideLane, evolveLane, initialLane, type Lane, type LaneCommand } from '../../domain/lane/lane.decider';
import { LANE_EVENT_VERSIONS, type LaneEvent } from '../../domain/lane/lane.events';
import { CHAIN_START, toNewEvents } from '../envelope';
import type { Clock } from '../ports/clock';
import type { EventStore, StoredEvent } from '../ports/event-store';
import type { Hasher, Ids } from '../ports/ids';
import { chainIn, inChain, readLaneEvent, whenOf } from '../read-events';
import { readPage } from '../read-page';
import { appendReliably } from '../reliable-append';

export interface KeeperDeps {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hasher: Hasher;
  readonly worker: string;
  /** Told of every stream that cannot be relied on, as often as it is read. */
  readonly onDamage?: (damage: Damage) => void;
}

interface LoadedLane {
  readonly lane: Lane;
  readonly chain: string;
  readonly lastEventId: string;
}

const PAGE = 500;
const ATTEMPTS = 3;

/** Reads and moves the lanes. A lane's revision check is what keeps two tasks from holding it. */
export class LaneKeeper {
  private readonly known = new Map<string, LoadedLane>();
  /** Newest revision that a subscription has told of. */
  private readonly told = new Map<string, bigint>();

  constructor(private readonly deps: KeeperDeps) {}

  /** The lane as of now. */
  async view(project: string): Promise<Lane> {
    return (await this.load(project)).lane;
  }

  /** The lane as it is known: as of its last event that `observe` was told of. Good enough to decide what to try. */
  async recall(project: string): Promise<Lane> {
    return (await this.remembered(project)).lane;
  }

  /** Takes an event that came over a subscription. */
  observe(project: string, stored: StoredEvent): void {
    this.told.set(project, stored.revision);
    const known = this.known.get(project);
    if (known && stored.revision === revisionOf(known) + 1n) this.known.set(project, this.foldAll(known, [stored]));
  }

  /** @returns the lane after the command, whoever won: look at its grant. */
  async execute(project: string, command: LaneCommand): Promise<Lane> {
    // A yes is proved by the revision it is appended at; a no has to come from the stream itself.
    let loaded = await this.remembered(project);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      let decision = decideLane(loaded.lane, command);
      if (decision.kind !== 'accept') {
        loaded = await this.load(project);
        decision = decideLane(loaded.lane, command);
      }
      if (decision.kind !== 'accept') return loaded.lane;
      if (await this.append(project, loaded, command, decision.events)) break;
      loaded = await this.load(project);
    }
    return this.recall(project);
  }

  /** @returns whether it is stored. Then the lane is known as it is after it, or not known any more. */
  private async append(
    project: string,
    { lane, chain, lastEventId }: LoadedLane,
    command: LaneCommand,
    events: readonly LaneEvent[],
  ): Promise<boolean> {
    const { clock, hasher, ids, worker } = this.deps;
    const stream = laneStream(project);
    // The same task granted by two workers, or the same grant taken back by two, is one event for both of them.
    const subject = command.type === 'GrantLane' ? command.data.taskId : command.data.epoch;
    const commandId = `${stream}@${lane.revision}:${command.type}:${subject}`;
    const fields = {
      occurredAt: instant(clock.now()),
      actor: 'stagegate',
      worker,
      correlationId: command.type === 'GrantLane' ? command.data.taskId : (lane.grant?.taskId ?? project),
      causationId: lastEventId,
      policyDigest: null,
    };
    const target = { stream, expected: lane.revision, chain };
    const made = toNewEvents(hasher, target, events, LANE_EVENT_VERSIONS, fields, (i) => ids.eventId(commandId, i));
    const outcome = await appendReliably(this.deps, stream, lane.revision, made.events);
    if (outcome.kind === 'conflict') return false;
    if (outcome.isRepeated) {
      // What stands there under these ids may be somebody else's, of another time.
      this.known.delete(project);
    } else {
      const after = events.reduce((state, event) => evolveLane(state, event, fields.occurredAt), lane);
      const last = made.events.at(-1)?.id ?? lastEventId;
      this.known.set(project, { lane: after, chain: made.chain, lastEventId: last });
    }
    return true;
  }

  /** What is known, unless an event was missed: one that came while nothing was known, or while it was read. */
  private async remembered(project: string): Promise<LoadedLane> {
    const known = this.known.get(project);
    return known && revisionOf(known) >= (this.told.get(project) ?? -1n) ? known : this.load(project);
  }

  private async load(project: string): Promise<LoadedLane> {
    let loaded = this.known.get(project) ?? { lane: initialLane(), chain: CHAIN_START, lastEventId: '' };
    for (;;) {
      const from = loaded.lane.revision === 'no-stream' ? 0n : loaded.lane.revision + 1n;
      const page = await readPage(this.deps.store, laneStream(project), from, PAGE);
      loaded = this.foldAll(loaded, page);
      if (page.length < PAGE) break;
    }
    this.known.set(project, loaded);
    return loaded;
  }

  private foldAll(loaded: LoadedLane, events: readonly StoredEvent[]): LoadedLane {
    const { hasher, onDamage } = this.deps;
    const after = events.reduce((before, stored) => foldLane(before, stored, hasher), loaded);
    if (after.lane.damage) onDamage?.(after.lane.damage);
    return after;
  }
}

function revisionOf({ lane }: LoadedLane): bigint {
  return lane.revision === 'no-stream' ? -1n : lane.revision;
}

function foldLane({ lane, chain }: LoadedLane, stored: StoredEvent, hasher: Hasher): LoadedLane {
  const event = inChain(readLaneEvent(stored), stored, { revision: lane.revision, chain }, hasher);
  return { lane: evolveLane(lane, event, whenOf(stored).at), chain: chainIn(stored), lastEventId: stored.id };
}
