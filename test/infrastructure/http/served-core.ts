import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type * as CoreModule from '../../../src/compose/core';
import type * as LoadProjects from '../../../src/infrastructure/config/project/load-projects';
import type * as ServiceConfig from '../../../src/infrastructure/config/service-config';
import type { StoredEvent } from '../../../src/application/ports/event-store';
import type { StoreUrl } from '../../../src/infrastructure/config/values/value-types';
import type * as CallerModule from '../../../src/infrastructure/http/caller';
import type * as Limits from '../../../src/infrastructure/http/http-limits';
import type * as ReadinessModule from '../../../src/infrastructure/http/readiness';
import type * as Hasher from '../../../src/infrastructure/system/node-hasher';
import type * as Main from '../../../src/main';
import { LOCAL } from '../../../src/domain/authority/principal';
import { QuietLogger } from '../../support/quiet-logger';

/** Of the built program: it loads its parts when they are needed, by the names that they have there. */
function built(path: string): unknown {
  return jest.requireActual<object>(resolve(__dirname, '../../../dist', path));
}

function serverAt(url: string): StoreUrl {
  return { kind: url.startsWith('esdb:') ? 'eventstoredb' : 'postgres', url };
}

/** Of whoever comes through the door that a service has. */
export const OPERATOR_TOKEN = `sgt_${'0'.repeat(63)}1`;

/** The REST face on real stores, in this process and without a conductor: nothing happens that no request has asked for. */
export class ServedCore {
  private constructor(
    private readonly folder: string,
    private readonly core: CoreModule.Core,
    private readonly face: Main.HttpFace,
    private readonly logger: QuietLogger,
  ) {}

  /**
   * @param log URL of one on PostgreSQL or EventStoreDB; null for an embedded one.
   * @param callerOf who asks; default: an operator. Null for the door that a service has.
   * @param folder where one has ended before, to go on with what it has left.
   * @param more keys of the project.
   * @param door who else may come in; default: nobody but this machine. `others`: projects beside that one.
   */
  static async start(
    repository: string,
    log: string | null,
    limits?: Partial<Limits.HttpLimits>,
    callerOf: CallerModule.CallerOf | null = () => Promise.resolve(LOCAL),
    folder = mkdtempSync(join(tmpdir(), 'stagegate-served-')),
    more: object = {},
    { others = {}, ...door }: Pick<Main.HttpOptions, 'names' | 'proxies' | 'rates'> & { readonly others?: object } = {},
  ): Promise<ServedCore> {
    const file = join(folder, 'stagegate.yml');
    const web = { repo: repository, entryStages: ['created', 'deploy-staging'], staging: { suite: 'true' }, ...more };
    writeFileSync(file, JSON.stringify({ version: 1, projects: { web, ...others } }));
    const { loadServiceConfig } = built('infrastructure/config/service-config.js') as typeof ServiceConfig;
    const { loadProjects } = built('infrastructure/config/project/load-projects.js') as typeof LoadProjects;
    const { NodeHasher } = built('infrastructure/system/node-hasher.js') as typeof Hasher;
    const { serveHttp } = built('main.js') as typeof Main;
    const config = loadServiceConfig({ STAGEGATE_STATE_DIR: folder, STAGEGATE_PROJECTS: file });
    const eventStore: StoreUrl = log === null ? { kind: 'file', path: join(folder, 'events.db') } : serverAt(log);
    const logger = new QuietLogger();
    const projects = loadProjects(config, new NodeHasher());
    const { Core } = built('compose/core.js') as typeof CoreModule;
    const core = await Core.open({
      stateDir: folder,
      eventStore,
      readModel: eventStore.kind === 'postgres' ? eventStore : { kind: 'memory' },
      projects,
      hooksOf: (project) => projects.hooks(project),
      agentEnvironment: [],
      logger,
    });
    await core.projector.start();
    const { Readiness } = built('infrastructure/http/readiness.js') as typeof ReadinessModule;
    const readiness = new Readiness(core.ground);
    readiness.phase = 'ready';
    const { HTTP_LIMITS } = built('infrastructure/http/http-limits.js') as typeof Limits;
    const asked = {
      limits: { ...HTTP_LIMITS, ...limits },
      ...door,
      operatorToken: OPERATOR_TOKEN,
      ...(callerOf && { callerOf }),
    };
    const face = await serveHttp(core, readiness, '127.0.0.1', 0, asked);
    return new ServedCore(folder, core, face, logger);
  }

  get url(): string {
    return this.face.url;
  }

  /** Where it keeps what is not in the log. */
  get stateDir(): string {
    return this.folder;
  }

  /** The log that it is on. */
  get store(): CoreModule.Core['store'] {
    return this.core.store;
  }

  /** What the service has said of its own faults. */
  get errors(): readonly string[] {
    return this.logger.errors;
  }

  /** How many there are in the log. */
  async events(): Promise<number> {
    return (await this.log()).length;
  }

  /** Has read models show all that is in the log. */
  async catchUp(): Promise<void> {
    await this.core.projector.catchUp();
  }

  /** Has its subscribers do what is due; they stop with it. */
  follow(): void {
    this.core.subscribers.start();
  }

  async log(): Promise<readonly StoredEvent[]> {
    return (await this.core.store.readAll({ prefixes: [''], limit: 100_000 })).events;
  }

  close(): Promise<void> {
    return this.face.close();
  }

  /** @returns the folder that it leaves behind. */
  async end(): Promise<string> {
    await this.face.close();
    await this.core.close();
    return this.folder;
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.folder, { recursive: true });
  }
}
