import { SERVICE } from '../../domain/authority/principal';
import type { Damage } from '../../domain/damage';
import { laneStream } from '../../domain/ids';
import { instant } from '../../domain/instant';
import { decideLane, evolveLane, initialLane, type Lane, type LaneCommand } from '../../domain/lane/lane.decider';
import { LANE_EVENT_VERSIONS, type LaneEvent } from '../../domain/lane/lane.events';
import { nextRevision, type Folded, type StreamKind } from '../stream-kind';
import { StreamRepository } from '../stream-repository';
import type { BreakerPolicy } from '../../domain/policy/project-policy';
import type { Clock } from '../ports/clock';
import type { EventStore, StoredEvent } from '../ports/event-store';
import type { Hasher, Ids } from '../ports/ids';
import { readLaneEvent } from '../read-events';

export interface KeeperDeps {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hasher: Hasher;
  readonly worker: string;
  /** Told of every stream that cannot be relied on, as often as it is read. */
  readonly onDamage?: (damage: Damage) => void;
}

type LoadedLane = Folded<Lane>;

const LANES: StreamKind<Lane, LaneEvent> = {
  streamOf: laneStream,
  versions: LANE_EVENT_VERSIONS,
  initial: initialLane(),
  read: readLaneEvent,
  evolve: (lane, event, { at }) => evolveLane(lane, event, at),
  damageOf: ({ damage }) => damage,
  // One for each project that is configured.
  remembered: Infinity,
  remembersNothing: true,
};
const ATTEMPTS = 3;

/** Reads and moves the lanes. A lane's revision check is what keeps two tasks from holding it. */
export class LaneRepository {
  private readonly lanes: StreamRepository<Lane, LaneEvent>;
  /** Newest revision that a subscription has told of. */
  private readonly told = new Map<string, bigint>();

  constructor(private readonly deps: KeeperDeps) {
    this.lanes = new StreamRepository(LANES, deps);
  }

  /** The lane as of now. */
  async view(project: string): Promise<Lane> {
    return (await this.lanes.load(project)).state;
  }

  /** The lane as it is known: as of its last event that `observe` was told of. Good enough to decide what to try. */
  async recall(project: string): Promise<Lane> {
    return (await this.remembered(project)).state;
  }

  /** Takes an event that came over a subscription. */
  observe(project: string, stored: StoredEvent): void {
    this.told.set(project, stored.revision);
    this.lanes.observe(project, stored);
  }

  /**
   * @param breaker null while breakers are switched off.
   * @returns the lane after the command, whoever won: look at its grant.
   */
  async execute(project: string, command: LaneCommand, breaker: BreakerPolicy | null = null): Promise<Lane> {
    const context = () => ({ at: instant(this.deps.clock.now()), breaker });
    // A yes is proved by the revision it is appended at; a no has to come from the stream itself.
    let loaded = await this.remembered(project);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      let decision = decideLane(loaded.state, command, context());
      if (decision.kind !== 'accept') {
        loaded = await this.lanes.load(project);
        decision = decideLane(loaded.state, command, context());
      }
      if (decision.kind !== 'accept') return loaded.state;
      if ((await this.append(project, loaded, command, decision.events)) === 'stored') break;
      loaded = await this.lanes.load(project);
    }
    return this.recall(project);
  }

  private append(
    project: string,
    loaded: LoadedLane,
    command: LaneCommand,
    events: readonly LaneEvent[],
  ): Promise<'stored' | 'conflict'> {
    const { clock, hasher, ids, worker } = this.deps;
    const { state: lane, revision } = loaded;
    // The same task granted by two workers, or the same grant taken back by two, is one event for both of them.
    const occurredAt = instant(clock.now());
    // What a pause begins or ends with depends on the clock: another worker's is another decision, and only one is stored.
    const own = events.length > 1 ? `:${worker}:${occurredAt}` : '';
    const commandId = `${laneStream(project)}@${revision}:${command.type}:${subjectOf(command)}${own}`;
    const fields = {
      occurredAt,
      actor: command.type === 'ResumeLane' || command.type === 'AnswerLaneAlert' ? command.data.by : SERVICE.name,
      worker,
      correlationId: command.type === 'GrantLane' ? command.data.taskId : (lane.grant?.taskId ?? project),
      causationId: loaded.lastEventId,
      policyDigest: null,
    };
    const state = events.reduce((before, event) => evolveLane(before, event, occurredAt), lane);
    const idOf = (index: number) => ids.eventId(commandId, index);
    return this.lanes.store(
      this.lanes.prepare(project, loaded, { state, events, fields }, { hasher, idOf }),
      this.deps,
    );
  }

  /** What is known, unless an event was missed: one that came while nothing was known, or while it was read. */
  private async remembered(project: string): Promise<LoadedLane> {
    const known = this.lanes.peek(project);
    const isCurrent = known && nextRevision(known.revision) > (this.told.get(project) ?? -1n);
    return isCurrent ? known : this.lanes.load(project);
  }
}

function subjectOf(command: LaneCommand): string {
  if (command.type === 'GrantLane') return command.data.taskId;
  if (command.type === 'AnswerLaneAlert') return `${command.data.answer}:${command.data.by}`;
  if (command.type === 'ResumeLane') return `${command.data.how}:${command.data.by}`;
  const { epoch, outcome } = command.data;
  return outcome === null ? epoch : `${epoch}:${outcome}`;
}
