import { createHmac } from 'node:crypto';
import { EvidenceOperations } from '../../src/application/evidence-operations';
import { TaskExecutor } from '../../src/application/execute-task';
import { BranchLooks } from '../../src/application/hooks/branch-looks';
import { Deliveries } from '../../src/application/hooks/deliveries';
import { Operations } from '../../src/application/operations';
import type { ArtifactStore } from '../../src/application/ports/artifact-store';
import type { StoredEvent } from '../../src/application/ports/event-store';
import { HookEvidence } from '../../src/application/subscribers/hook-evidence';
import { Subscribers } from '../../src/application/subscribers/subscribers';
import { comparePositions } from '../../src/application/position';
import { foldStored, NOTHING_LOADED, TaskRepository } from '../../src/application/task-repository';
import { checksOf, saidIn, type CheckResult } from '../../src/domain/gates/outside-evidence';
import type { HookEventData } from '../../src/domain/hooks/hook.events';
import type { ConfiguredProjects } from '../../src/infrastructure/config/project/configured-projects';
import { eventOf, payloadOf } from '../../src/infrastructure/hooks/delivery-body';
import { deliveryIdOf, SignedDeliveries } from '../../src/infrastructure/hooks/signed-deliveries';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import type { Violation } from '../support/violation';
import { seeded } from './random';
import { SimGit } from './sim-git';
import { SimClock, SimHost, SimIds, SimIndex, SimLogger } from './sim-parts';
import type { SimRepository } from './sim-repository';
import { SimStore, type SimLog } from './sim-store';
import { firstPlaceIn } from './sim-subscribers';
import { PROJECT, type SimProcess, type World } from './world';

const SECRET = 'a secret of the simulated forge';
/** After that a forge takes a delivery for lost, and sends it again. */
const PATIENCE_MS = 10_000;
const LATE_MS = 60_000;
/** Behind the id of what somebody has sent on under an id of his own. */
const AGAIN = '-again';
/** Longer than any pause before a retry of a subscriber, several times over. */
const BROUGHT_MS = 40 * 60_000;
const LOOK_MS = 15_000;

/** In half of the histories that ask CI a forge tells what it said, by webhooks. */
export function hasHooks(seed: number): boolean {
  return seeded(seed ^ 0x400c).chance(0.5);
}

interface Delivery {
  readonly id: string;
  readonly body: Buffer;
  readonly signature: string;
}

interface Door {
  readonly process: SimProcess;
  readonly signed: SignedDeliveries;
  readonly deliveries: Deliveries;
}

/**
 * A forge, and the replicas' doors for it. It delivers until somebody says that he has it: twice, late, in another order, under another id. And
 * somebody who has no secret says that everything is green.
 */
export class SimHooks {
  private readonly own: World;
  private readonly doors: Door[] = [];
  private count = 0;
  /** Ids under which the forge has sent something, or somebody has sent it again. */
  private readonly sent = new Set<string>();

  constructor(
    world: World,
    private readonly parts: {
      readonly log: SimLog;
      readonly artifacts: ArtifactStore;
      readonly repository: SimRepository;
      readonly readProjects: () => ConfiguredProjects;
    },
  ) {
    this.own = world.apart(0x400d);
  }

  get areThere(): boolean {
    return hasHooks(this.own.seed);
  }

  start(main: SimProcess): void {
    if (this.areThere && main.alive) this.open(this.own.spawnWith(main));
  }

  /** What became of a check. Resolves at once: when it is heard of is for the forge and the world to say. */
  tell(name: string, headOid: string, result: CheckResult): void {
    const { random, faults } = this.own;
    const delivery = this.sign(name, headOid, result);
    this.sent.add(delivery.id);
    this.sendUntilTaken(delivery, faults.areOn && random.chance(0.2) ? random.between(0, LATE_MS) : 0);
    if (!faults.areOn) return;
    if (random.chance(0.3)) this.sendUntilTaken(delivery, random.between(0, LATE_MS));
    if (random.chance(0.3)) this.sendUntilTaken(this.again(delivery), random.between(0, LATE_MS));
    if (random.chance(0.3)) this.sendOnce(this.forged(name, headOid), random.between(0, 1_000));
  }

  /** I51: only what the forge has signed is there, once, and once nothing fails any more its last word of a commit is with the task. */
  async finish(): Promise<readonly Violation[]> {
    if (!this.areThere) return [];
    const { scheduler } = this.own;
    const until = scheduler.now + BROUGHT_MS;
    let found = this.check(await this.parts.log.everything());
    while (found.length > 0 && scheduler.now < until) {
      await scheduler.runUntil(scheduler.now + LOOK_MS);
      found = this.check(await this.parts.log.everything());
    }
    return found;
  }

  private check(events: readonly StoredEvent[]): readonly Violation[] {
    const signed = new Set<string>();
    const odd = events.flatMap(({ type, stream, revision, data }) => {
      if (type !== 'WebhookReceived') return [];
      const id = data['delivery'] as string;
      const original = id.replace(AGAIN, '');
      const isTwice = signed.has(original);
      signed.add(original);
      if (this.sent.has(id) && !isTwice) return [];
      const detail = isTwice ? 'what was signed once is there twice' : 'nobody with a secret has sent it';
      return [{ invariant: 'I51', stream, revision, detail }];
    });
    return [...odd, ...lastWordsMissing(events)];
  }

  private sendUntilTaken(delivery: Delivery, afterMs: number): void {
    let isTaken = false;
    this.own.scheduler.schedule(null, afterMs, () => {
      void this.deliver(delivery).then(
        () => {
          isTaken = true;
        },
        (error: unknown) => {
          this.own.note(`${delivery.id} was not taken: ${String(error)}`);
        },
      );
    });
    this.own.scheduler.schedule(null, afterMs + PATIENCE_MS, () => {
      if (!isTaken) this.sendUntilTaken(delivery, 0);
    });
  }

  private sendOnce(delivery: Delivery, afterMs: number): void {
    this.own.scheduler.schedule(null, afterMs, () => void this.deliver(delivery).catch(() => undefined));
  }

  /** As a request to a replica that is up. @throws where none is, or it does not take it. */
  private async deliver({ id, body, signature }: Delivery): Promise<void> {
    const up = this.doors.filter(({ process }) => process.alive);
    if (up.length === 0) throw new Error('nobody is there');
    const { signed, deliveries } = this.own.random.pick(up);
    const headers = { 'x-github-delivery': id, 'x-github-event': 'check_run', 'x-hub-signature-256': signature };
    const found = signed.verified(PROJECT, 'github', { headers, body });
    if (found === null) throw new Error('401');
    const payload = payloadOf(headers, body);
    const event = eventOf('github', headers, payload);
    await deliveries.take({ ...found, id: deliveryIdOf(found), event, payload });
  }

  private sign(name: string, headOid: string, result: CheckResult): Delivery {
    this.count += 1;
    const run = { name, status: 'completed', conclusion: result, head_sha: headOid };
    const body = Buffer.from(JSON.stringify({ check_run: run, number: this.count }));
    return { id: `forge-${this.count}`, body, signature: signatureOf(SECRET, body) };
  }

  private again(delivery: Delivery): Delivery {
    const id = `${delivery.id}${AGAIN}`;
    this.sent.add(id);
    return { ...delivery, id };
  }

  private forged(name: string, headOid: string): Delivery {
    const { body } = this.sign(name, headOid, 'success');
    const secret = this.own.random.pick(['', 'a guess', 'a secret of another project']);
    return { id: `forged-${this.count}`, body, signature: signatureOf(secret, body) };
  }

  /** The door of a replica, and what takes that further; both die with it. */
  private open(process: SimProcess): void {
    const { own, parts } = this;
    const store = new SimStore(own, process, parts.log);
    const host = new SimHost(own, process);
    const logger = new SimLogger(own, process);
    const projects = parts.readProjects();
    const common = { store, clock: new SimClock(own, process), ids: new SimIds(own), hasher: new NodeHasher() };
    const { worker } = process;
    const tasks = new TaskRepository(store);
    const executor = new TaskExecutor({ tasks, ...common, worker });
    const operations = new Operations({
      executor,
      tasks,
      projects,
      git: new SimGit(own, process, parts.repository),
      ...common,
    });
    const evidence = () => new EvidenceOperations({ operations, artifacts: parts.artifacts });
    const looks = new BranchLooks();
    const subscribers = new Subscribers(
      {
        ...common,
        worker,
        logger,
        isDead: (other) => host.isProvablyDead(other),
        origin: () => firstPlaceIn(parts.log),
      },
      [new HookEvidence({ index: () => new SimIndex(parts.log), tasks, projects, looks, evidence })],
    );
    subscribers.start();
    const hooksOf = () => ({ github: [{ variable: 'FORGE' }] });
    this.doors.push({
      process,
      signed: new SignedDeliveries({ hooksOf, environment: { FORGE: SECRET }, clock: common.clock, logger }),
      deliveries: new Deliveries({ ...common, worker, projects, looks, subscribers }),
    });
  }
}

function signatureOf(secret: string, body: Buffer): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** What leaves a task where it is, and with what it knows of its commit. */
const CHANGES_NOTHING: readonly string[] = ['EvidenceRecorded', 'GateEvaluated', 'TaskHeld', 'AlertRaised'];

/** Of tasks that wait for CI: what was told of their commit since they do, and is not what they have. */
function lastWordsMissing(events: readonly StoredEvent[]): readonly Violation[] {
  return Object.entries(groupByStream(events, 'task-')).flatMap(([stream, own]) => {
    const { state } = own.reduce(foldStored, NOTHING_LOADED);
    if (state.kind !== 'submitted' || state.stage !== 'development' || state.merge) return [];
    const since = own.filter(({ type }) => !CHANGES_NOTHING.includes(type)).at(-1)?.position ?? 'start';
    const said = new Map<string, string>();
    for (const { type, data, position } of events) {
      const check = type === 'WebhookReceived' ? (data as unknown as HookEventData['WebhookReceived']).check : null;
      if (check?.headOid === state.headOid && comparePositions(position, since) > 0) said.set(check.name, check.result);
    }
    const known = checksOf(state, 'check_ci_green');
    return [...said].flatMap(([name, result]) => {
      if (saidIn(known.get(name) ?? {}, 'result') === result) return [];
      const detail = `the forge said ${result} of ${name} at ${state.headOid}, and the task does not know`;
      return [{ invariant: 'I51', stream, revision: state.revision, detail }];
    });
  });
}

function groupByStream(events: readonly StoredEvent[], prefix: string): Readonly<Record<string, StoredEvent[]>> {
  const streams: Record<string, StoredEvent[]> = {};
  for (const event of events) if (event.stream.startsWith(prefix)) (streams[event.stream] ??= []).push(event);
  return streams;
}
