import { SWITCH_STREAM_PREFIX, switchStream } from '../domain/ids';
import { instant } from '../domain/instant';
import {
  decideSwitch,
  evolveSwitches,
  NOTHING_SET,
  type SetSwitch,
  type SwitchRejection,
  type SwitchSettings,
} from '../domain/policy/switches.decider';
import { SWITCH_EVENT_VERSIONS, type SwitchEvent } from '../domain/policy/switches.events';
import type { KeeperDeps } from './conductor/lane-repository';
import type { StoredEvent } from './ports/event-store';
import type { Projects } from './projects';
import { readSwitchEvent } from './read-events';
import { nextRevision, type Folded, type StreamKind } from './stream-kind';
import { StreamRepository } from './stream-repository';

const SWITCHES: StreamKind<SwitchSettings, SwitchEvent> = {
  streamOf: switchStream,
  versions: SWITCH_EVENT_VERSIONS,
  initial: NOTHING_SET,
  read: readSwitchEvent,
  evolve: (settings, event, { at }) => evolveSwitches(settings, event, at),
  damageOf: ({ damage }) => damage,
  // One for each project of the log.
  remembered: Infinity,
  remembersNothing: true,
};
/** Each lost one means that somebody else has set a switch of the project. */
const ATTEMPTS = 10;

export type SwitchOutcome =
  | { readonly kind: 'set' | 'nothing'; readonly settings: SwitchSettings }
  | { readonly kind: 'rejected'; readonly reason: SwitchRejection | 'contended'; readonly detail: string };

/** Reads and sets the switches of projects, and tells `Projects`, which everybody asks, what the log says of them. */
export class SwitchRepository {
  private readonly streams: StreamRepository<SwitchSettings, SwitchEvent>;

  constructor(private readonly deps: KeeperDeps & { readonly projects: Pick<Projects, 'noteSwitches'> }) {
    this.streams = new StreamRepository(SWITCHES, deps);
  }

  /** As of now. @returns whether anything is otherwise than it was known here. */
  async read(project: string): Promise<boolean> {
    const { state } = await this.streams.load(project);
    return this.deps.projects.noteSwitches(project, state);
  }

  /** Takes an event that came over a subscription. @returns whose switches it may have changed, when they are known. */
  async observe(stored: StoredEvent): Promise<string> {
    const project = stored.stream.slice(SWITCH_STREAM_PREFIX.length);
    this.streams.observe(project, stored);
    const known = this.streams.peek(project);
    if (known && nextRevision(known.revision) > stored.revision) this.deps.projects.noteSwitches(project, known.state);
    else await this.read(project);
    return project;
  }

  /** Of several that set switches of a project at once, one is first; the others decide again on what it has done. */
  async set(project: string, data: SetSwitch): Promise<SwitchOutcome> {
    const { ids, projects } = this.deps;
    const commandId = `switch:${project}:${ids.uuid()}`;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const loaded = await this.streams.load(project);
      projects.noteSwitches(project, loaded.state);
      const decision = decideSwitch(loaded.state, data);
      if (decision.kind === 'nothing') return { kind: 'nothing', settings: loaded.state };
      if (decision.kind === 'reject') return { ...decision, kind: 'rejected' };
      const settings = await this.append(project, loaded, decision.events, `${commandId}#${attempt}`);
      if (settings === null) continue;
      projects.noteSwitches(project, settings);
      return { kind: 'set', settings };
    }
    return { kind: 'rejected', reason: 'contended', detail: `lost ${ATTEMPTS} races in a row` };
  }

  /** @returns null when somebody else was first. */
  private async append(
    project: string,
    loaded: Folded<SwitchSettings>,
    events: readonly SwitchEvent[],
    commandId: string,
  ): Promise<SwitchSettings | null> {
    const { clock, hasher, ids, worker } = this.deps;
    const occurredAt = instant(clock.now());
    const fields = {
      occurredAt,
      actor: events[0]?.data.by ?? '',
      worker,
      correlationId: project,
      causationId: loaded.lastEventId,
      policyDigest: null,
    };
    const state = events.reduce((before, event) => evolveSwitches(before, event, occurredAt), loaded.state);
    const idOf = (index: number) => ids.eventId(commandId, index);
    const prepared = this.streams.prepare(project, loaded, { state, events, fields }, { hasher, idOf });
    if ((await this.streams.store(prepared, this.deps)) === 'conflict') return null;
    // Its ids are of this call alone, so what stands there is what was decided here, however often it was sent.
    this.streams.remember(project, prepared.after);
    return state;
  }
}
