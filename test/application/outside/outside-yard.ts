import { createHash } from 'node:crypto';
import { TaskExecutor } from '../../../src/application/execute-task';
import type { OutsideDeps } from '../../../src/application/outside/outside-deps';
import { OutsideWork } from '../../../src/application/outside/outside-work';
import { TakeWork } from '../../../src/application/outside/take-work';
import type { Taken } from '../../../src/application/outside/work-requests';
import type { StoredEvent } from '../../../src/application/ports/event-store';
import { BranchUnusable } from '../../../src/application/ports/git-workspace';
import type { InfrastructureError } from '../../../src/application/ports/infrastructure-error';
import { TaskRepository } from '../../../src/application/task-repository';
import { SERVICE, SCOPES, type Principal } from '../../../src/domain/authority/principal';
import { instant } from '../../../src/domain/instant';
import type { TaskCommand } from '../../../src/domain/task/task.commands';
import { buildProject } from '../../../src/infrastructure/config/project/build-project';
import { ConfiguredProjects } from '../../../src/infrastructure/config/project/configured-projects';
import { MemoryEventStore } from '../../../src/infrastructure/event-stores/memory-event-store';
import { CryptoIds } from '../../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../../src/infrastructure/system/node-hasher';
import { TestClock } from '../../projections/support/harness';
import { START } from '../../support/given-when-then';
import { BASE, BOUND_MS, HEAD, TREE } from '../../support/task-stories';

export const TASK = 'web.T1';
export const MINUTE = 60_000;
export const ANN: Principal = { name: 'ann', kind: 'person', rights: SCOPES, projects: '*' };
export const EVE: Principal = { ...ANN, name: 'eve' };
export const APPROVED = '---\nreview_status: APPROVED\n---\nGood.\n';

/** Outside work on a log in memory, with a clock and a git that do what they are told. */
export class OutsideYard {
  readonly store = new MemoryEventStore();
  readonly tasks = new TaskRepository(this.store);
  readonly artifacts = new Map<string, string>();
  readonly taking: TakeWork;
  readonly work: OutsideWork;
  nowMs = Date.parse(START);
  head = HEAD;
  isPolicyInForce = true;
  obstacle: InfrastructureError | null = null;
  fault: BranchUnusable | null = null;
  private readonly hasher = new NodeHasher();
  private readonly ids = new CryptoIds();
  private readonly clock = new TestClock(() => this.nowMs);
  private readonly executor: TaskExecutor;
  private readonly project = buildProject(this.hasher, {
    project: 'web',
    repo: '/srv/web.git',
    entryStages: ['review', 'testing', 'development'],
    staging: { suite: 'true' },
  });

  constructor() {
    const { store, tasks, clock, ids, hasher } = this;
    this.executor = new TaskExecutor({ tasks, clock, ids, hasher, worker: 'service' });
    const deps: OutsideDeps = {
      executor: this.executor,
      tasks,
      store,
      clock,
      ids,
      hasher,
      projects: new ConfiguredProjects([{ project: this.project }]),
      boundMs: BOUND_MS,
      offers: () => Promise.resolve([TASK]),
      ground: { obstacle: () => this.obstacle },
      isPolicyInForce: () => Promise.resolve(this.isPolicyInForce),
      git: {
        fetch: () => {
          const { head: headOid, fault } = this;
          return fault ? Promise.reject(fault) : Promise.resolve({ headOid, baseOid: BASE, headTree: TREE });
        },
        heads: () => Promise.resolve(new Map([['feature', this.head]])),
      } as unknown as OutsideDeps['git'],
      artifacts: {
        get: () => Promise.resolve(null),
        put: (text: string) => {
          const digest = createHash('sha256').update(text).digest('hex');
          this.artifacts.set(digest, text);
          return Promise.resolve(digest);
        },
      } as unknown as OutsideDeps['artifacts'],
    };
    this.taking = new TakeWork(deps);
    this.work = new OutsideWork(deps);
  }

  async submit(startStage: 'review' | 'testing' | 'development' = 'review'): Promise<void> {
    const data = {
      taskId: TASK,
      project: 'web',
      title: 't',
      branch: 'feature',
      headOid: HEAD,
      startStage,
      priority: 5,
    };
    await this.ask({ type: 'SubmitTask', data }, ANN);
  }

  take(by = ANN): Promise<Taken> {
    return this.taking.take({ role: 'reviewer' }, by);
  }

  /** What the service does by itself. */
  async ask(command: TaskCommand, principal = SERVICE): Promise<void> {
    const surroundings = { lane: { holder: null, nextInLine: null }, switches: {} as never };
    const { policy, policyDigest } = this.project;
    const context = () => ({ at: instant(this.nowMs), policy, policyDigest, surroundings, random: 0.5, principal });
    const done = await this.executor.execute(TASK, command, context, { commandId: this.ids.uuid() });
    if (done.kind === 'rejected') throw new Error(done.detail);
  }

  async events(): Promise<readonly StoredEvent[]> {
    return (await this.store.readAll({ prefixes: [''], limit: 500 })).events;
  }

  async types(after = 0): Promise<readonly string[]> {
    return (await this.events()).slice(after).map(({ type }) => type);
  }
}
