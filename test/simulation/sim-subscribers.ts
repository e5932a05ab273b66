import { AlertSink, type AlertMessage } from '../../src/application/ports/alert-sink';
import type { ArtifactStore } from '../../src/application/ports/artifact-store';
import type { StoredEvent } from '../../src/application/ports/event-store';
import { AlertDelivery } from '../../src/application/subscribers/alert-delivery';
import { ArtifactRendering, type RenderingDeps } from '../../src/application/subscribers/artifact-rendering';
import { LaneAlertDelivery } from '../../src/application/subscribers/lane-alert-delivery';
import { placeOf } from '../../src/application/subscribers/subscriber-repository';
import { Subscribers } from '../../src/application/subscribers/subscribers';
import { TaskRepository } from '../../src/application/task-repository';
import type { EventPlace } from '../../src/domain/subscriber/subscriber.events';
import type { LaneEventData } from '../../src/domain/lane/lane.events';
import type { TaskEventData } from '../../src/domain/task/task.events';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import type { Violation } from '../support/invariants';
import { SimClock, SimHost, SimIds, SimLogger } from './sim-parts';
import { SimStore, type SimLog } from './sim-store';
import type { SimProcess, World } from './world';

/** Longer than any pause before a retry, several times over. */
const OUT_MS = 40 * 60_000;
const LOOK_MS = 15_000;
/** A process that is killed right when something it has asked for has taken effect. */
const CRASH_RATE = 0.03;

/**
 * What replicas do about the log beside moving tasks: alerts and artifacts. In some histories, by draws of its own and in
 * processes of its own, each dying with its replica and by itself.
 */
export class SimSubscribers {
  private readonly world: World;
  private readonly isPart: boolean;
  private readonly sent: AlertMessage[] = [];
  /** By task and name: the digest that was put there last. */
  private readonly rendered = new Map<string, string>();

  constructor(
    world: World,
    private readonly log: SimLog,
    private readonly artifacts: ArtifactStore,
    private readonly projects: RenderingDeps['projects'],
  ) {
    this.world = world.apart(0x5ab5);
    this.isPart = this.world.random.chance(0.3);
  }

  start(main: SimProcess): void {
    if (this.isPart && main.alive) this.run(main, this.world.spawnWith(main));
  }

  /** Goes on until everything is out, or nobody can expect it any more. @returns what is missing then, or should not be. */
  async finish(): Promise<readonly Violation[]> {
    if (!this.isPart) return [];
    const { scheduler } = this.world;
    const until = scheduler.now + OUT_MS;
    let missing = this.check(await this.log.everything());
    while (missing.length > 0 && scheduler.now < until) {
      await scheduler.runUntil(scheduler.now + LOOK_MS);
      missing = this.check(await this.log.everything());
    }
    return missing;
  }

  private run(main: SimProcess, process: SimProcess): void {
    const { world, log } = this;
    const store = new SimStore(world, process, log);
    const host = new SimHost(world, process);
    const logger = new SimLogger(world, process);
    const again = () => {
      if (main.alive) this.run(main, world.spawnWith(main));
    };
    const effect = (what: string, work: () => void) =>
      world.request(
        process,
        what,
        () => {
          work();
          if (!world.faults.happens(CRASH_RATE)) return;
          process.alive = false;
          world.note(`crash of ${process.worker}`);
          world.scheduler.schedule(null, world.random.between(500, 30_000), again);
        },
        () => new Error(`${what}: no answer`),
      );
    const deps = {
      store,
      logger,
      clock: new SimClock(world, process),
      ids: new SimIds(world),
      hasher: new NodeHasher(),
      worker: process.worker,
      isDead: (worker: string) => host.isProvablyDead(worker),
      origin: () => firstPlaceIn(this.log),
    };
    const { clock } = deps;
    const renderings = {
      tasks: new TaskRepository(store),
      logger,
      clock,
      projects: this.projects,
      ...this.places(effect),
    };
    new Subscribers(deps, [
      new AlertDelivery(new SimSink(this.sent, effect)),
      new LaneAlertDelivery(new SimSink(this.sent, effect)),
      new ArtifactRendering(renderings as unknown as RenderingDeps),
    ]).start();
  }

  private places(effect: Effect) {
    const ensureNamed: ArtifactStore['ensureNamed'] = async (task, { name, digest }, superseded = []) => {
      const key = `${task}/${name}`;
      // A request may take effect long after a newer one of another process has.
      const put = () => {
        const seen = this.rendered.get(key);
        if (seen === undefined || superseded.includes(seen)) this.rendered.set(key, digest);
      };
      await effect('render', put);
      return { kind: 'same' };
    };
    const get = (digest: string) => this.artifacts.get(digest);
    return { artifacts: { ensureNamed, get }, git: { publishArtifacts: () => effect('publish', () => undefined) } };
  }

  private check(events: readonly StoredEvent[]): readonly Violation[] {
    const violations: Violation[] = [];
    const due = new Map<string, string>();
    const raised = new Set<string>();
    const sent = new Set(this.sent.map(({ task, key }) => `${task} ${key}`));
    for (const { stream, revision, type, data } of events) {
      const task = stream.slice('task-'.length);
      const wrong = (detail: string) => violations.push({ invariant: 'I19', stream, revision, detail });
      if (type === 'LanePaused') {
        const { taskId } = data as unknown as LaneEventData['LanePaused'];
        const name = `${taskId} lane-paused:${stream.slice('lane-'.length)}:${revision}`;
        raised.add(name);
        if (!sent.has(name)) wrong(`${name} was not delivered`);
      }
      if (type === 'AlertRaised') {
        const name = `${task} ${(data as TaskEventData['AlertRaised']).key}`;
        raised.add(name);
        if (!sent.has(name)) wrong(`${name} was not delivered`);
      }
      const isCiting = type === 'VerdictRecorded' || type === 'RetestFinished';
      const artifact = isCiting
        ? (data as unknown as Pick<TaskEventData['RetestFinished'], 'artifact'>).artifact
        : null;
      if (artifact) due.set(`${task}/${artifact.name}`, artifact.digest);
    }
    const odd = (detail: string) => violations.push({ invariant: 'I19', stream: '-', revision: 0n, detail });
    for (const name of sent) if (!raised.has(name)) odd(`${name} was delivered and never raised`);
    for (const [name, digest] of due) if (this.rendered.get(name) !== digest) odd(`${name} is not as its verdict says`);
    return violations;
  }
}

/** As if they had begun before anything happened: how that is seen to is no part of what is simulated. */
export async function firstPlaceIn(log: SimLog): Promise<EventPlace | null> {
  const { events } = await log.inner.readAll({ prefixes: [''], limit: 1 });
  return events[0] ? placeOf(events[0]) : null;
}

/** Something that takes effect outside, or does not, or does unheard. */
type Effect = (what: string, work: () => void) => Promise<void>;

class SimSink extends AlertSink {
  readonly name = 'sim';

  constructor(
    private readonly sent: AlertMessage[],
    private readonly effect: Effect,
  ) {
    super();
  }

  async send(alert: AlertMessage): Promise<string> {
    await this.effect('send', () => {
      this.sent.push(alert);
    });
    return 'sent';
  }
}
