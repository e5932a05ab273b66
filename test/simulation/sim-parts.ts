import { createHash } from 'node:crypto';
import { AgentTransport, type AgentReply, type AgentRequest } from '../../src/application/ports/agent-transport';
import { ArtifactStore, type ArtifactCheck } from '../../src/application/ports/artifact-store';
import { Clock, type Cancel } from '../../src/application/ports/clock';
import { HostEnvironment } from '../../src/application/ports/host-environment';
import { Ids } from '../../src/application/ports/ids';
import { Logger } from '../../src/application/ports/logger';
import type { ProcessRunner } from '../../src/application/ports/process-runner';
import { SuiteHistory } from '../../src/application/ports/suite-history';
import { TestHistory } from '../../src/application/ports/test-history';
import { TaskIndex, type OpenTasks } from '../../src/application/ports/task-index';
import { foldStored, NOTHING_LOADED, type LoadedTask } from '../../src/application/task-repository';
import { WorkerHost } from '../../src/application/ports/worker-host';
import { uuidV5 } from '../../src/infrastructure/system/crypto-ids';
import type { ArtifactRef } from '../../src/domain/task/task.events';
import type { SimFaults } from './faults';
import { seeded } from './random';
import { judged } from './sim-shadows';
import type { SimLog } from './sim-store';
import type { SimRepository } from './sim-repository';
import type { SimProcess, World } from './world';

export class SimClock extends Clock {
  constructor(
    private readonly world: World,
    private readonly process: SimProcess,
  ) {
    super();
  }

  now(): number {
    return this.world.wallMs(this.process);
  }

  monotonic(): number {
    return this.world.scheduler.now;
  }

  after(delayMs: number, wake: () => void): Cancel {
    return this.world.scheduler.schedule(this.process, delayMs, wake);
  }
}

export class SimIds extends Ids {
  constructor(private readonly world: World) {
    super();
  }

  eventId(commandId: string, index: number): string {
    return uuidV5('5f3a1c0e-8d47-5b6e-9c21-0a7e64d2b918', `${index}:${commandId}`);
  }

  uuid(): string {
    const { random } = this.world;
    return `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-8${random.hex(3)}-${random.hex(12)}`;
  }

  secret(): string {
    return this.world.random.hex(64);
  }

  random(): number {
    return this.world.random.next();
  }
}

/** Shared by all processes, like a disk that the hosts mount. */
export class SimArtifacts extends ArtifactStore {
  private readonly byDigest = new Map<string, Uint8Array>();

  constructor(private readonly faults: SimFaults) {
    super();
  }

  put(text: string): Promise<string> {
    const digest = createHash('sha256').update(text).digest('hex');
    this.byDigest.set(digest, Buffer.from(text));
    return Promise.resolve(digest);
  }

  get(digest: string): Promise<Uint8Array | null> {
    return Promise.resolve(this.byDigest.get(digest) ?? null);
  }

  open(): Promise<never> {
    return Promise.reject(new Error('nobody of a simulated world reads parts of an artifact'));
  }

  sizeOf(digest: string): Promise<number | null> {
    return Promise.resolve(this.byDigest.get(digest)?.length ?? null);
  }

  ensureNamed(_task: string, ref: ArtifactRef): Promise<ArtifactCheck> {
    if (this.faults.forgesArtifact()) return Promise.resolve({ kind: 'different', seen: 'f'.repeat(64) });
    return Promise.resolve(this.byDigest.has(ref.digest) ? { kind: 'same' } : { kind: 'lost' });
  }
}

/**
 * A developer that always pushes something, and mostly something better. In some histories, by draws of its own, somebody
 * pushes right after it: what it tells of the branch may then be older than what others have seen.
 */
export class SimAgents extends AgentTransport {
  private readonly own: World;
  private readonly isBusy: boolean;

  constructor(
    world: World,
    private readonly runner: ProcessRunner,
    private readonly repository: SimRepository,
  ) {
    super();
    this.own = world.apart(0xb5b5);
    this.isBusy = seeded(world.seed ^ 0xb5b6).chance(0.1);
  }

  async run(request: AgentRequest): Promise<AgentReply> {
    const { runId, cookie, cwd, signal, artifactFile } = request;
    const branch = cwd.replace('/agent/', '');
    const oid = artifactFile === null ? (this.repository.branches.get(branch) ?? '') : cwd.replace('/clone/', '');
    const spec = { command: 'agent', args: [], env: {}, timeoutMs: 60_000, graceMs: 1_000, cwd: `/clone/${oid}` };
    const result = await this.runner.run({ ...spec, runId, cookie, signal });
    const done = result.kind === 'executed' ? { ...result, verdict: 'pass' as const, exitCode: 0 } : result;
    if (artifactFile !== null) return judged(this.own.random, done, artifactFile);
    if (result.kind === 'executed') this.push(branch);
    return { result: done, artifact: null, report: null, usage: null };
  }

  private push(branch: string): void {
    const { random, scheduler } = this.own;
    this.repository.push(branch, 0.3);
    if (!this.isBusy) return;
    for (const withinMs of [300, 3_000])
      scheduler.schedule(null, random.between(0, withinMs), () => this.repository.push(branch, 0.3));
  }
}

export class SimHost extends WorkerHost {
  constructor(
    private readonly world: World,
    private readonly process: SimProcess,
  ) {
    super();
  }

  get self(): string {
    return this.process.worker;
  }

  isProvablyDead(worker: string): boolean {
    return worker.startsWith(`${this.process.host}/`) && this.world.isDead(worker);
  }
}

export class SimEnvironment extends HostEnvironment {
  readonly release = 'simulated';
  readonly isolation = 'none';

  pick(): Readonly<Record<string, string>> {
    return {};
  }

  logFile(runId: string): string {
    return `/logs/${runId}`;
  }
}

/** Main is compared with in tests of its own. */
export class SimTestHistory extends TestHistory {
  onMain(): Promise<null> {
    return Promise.resolve(null);
  }
}

/** Simulated suites leave nothing to compare with. */
export class SimHistory extends SuiteHistory {
  baseline(): Promise<null> {
    return Promise.resolve(null);
  }
}

/** Every task of the log; the conductor sees for itself which of them are final. */
export class SimIndex extends TaskIndex {
  constructor(private readonly log: SimLog) {
    super();
  }

  async open(): Promise<OpenTasks> {
    const events = await this.log.everything();
    const states = new Map<string, LoadedTask>();
    for (const event of events) {
      const id = event.stream.slice('task-'.length);
      if (event.stream.startsWith('task-')) states.set(id, foldStored(states.get(id) ?? NOTHING_LOADED, event));
    }
    const tasks = [...states].flatMap(([id, { state: task }]) =>
      task.kind === 'unknown' ? [] : [{ id, revision: task.revision, isClaimed: task.claim !== null }],
    );
    return { tasks, position: events.at(-1)?.position ?? 'start' };
  }
}

export class SimLogger extends Logger {
  constructor(
    private readonly world: World,
    private readonly process: SimProcess,
  ) {
    super();
  }

  info(message: string, fields: object = {}): void {
    this.world.note(`${this.process.worker} info: ${message} ${JSON.stringify(fields)}`);
  }

  warn(message: string, fields: object = {}): void {
    this.info(message, fields);
  }

  error(message: string, fields: object = {}): void {
    this.info(`ERROR ${message}`, fields);
  }
}
