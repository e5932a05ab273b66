import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgresLogs, type PostgresLogs } from '../support/postgres-log';
import { SampleRepository } from '../support/sample-repository';
import { DEVELOPER, SUITE } from './fates';
import { Guard } from './guard';

export const PROJECT = 'web';

/** Far above what faults at this rate cost: what is held in spite of them has to explain itself. */
const BUDGETS = { developer: 10, agent: 20, infra: 20, crash: 20, landing: 20 };

/** Everything replicas share: a database server, a repository, a project file. And the folder that all of it is in. */
export class Site {
  private constructor(
    readonly folder: string,
    readonly repository: SampleRepository,
    private readonly logs: PostgresLogs,
    private readonly database: string,
    private readonly guard: Guard,
  ) {}

  /** @param more projects beside `web`, given the folder. */
  static async open(more: (folder: string) => Readonly<Record<string, unknown>> = () => ({})): Promise<Site> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'stagegate-chaos-')));
    const guard = new Guard(folder);
    const logs = await startPostgresLogs();
    try {
      const site = new Site(folder, new SampleRepository({ in: folder }), logs, await logs.create(), guard);
      site.furnish(more(folder));
      return site;
    } catch (error) {
      await logs.stop();
      await guard.finish();
      throw error;
    }
  }

  get server() {
    return this.logs.server;
  }

  /** As a service connects to it. */
  get url(): string {
    return this.logs.url(this.database);
  }

  query<Row extends object>(sql: string): Promise<Row[]> {
    return this.server.query<Row>(sql, this.database);
  }

  stateDir(name: string): string {
    return join(this.folder, name);
  }

  /** Of a replica or a command: nothing of the driver's own environment but where programs are. */
  environment(name: string): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      HOME: join(this.folder, 'home'),
      NO_COLOR: '1',
      STAGEGATE_STATE_DIR: this.stateDir(name),
      STAGEGATE_EVENT_STORE_URL: this.url,
      STAGEGATE_PROJECTS: join(this.folder, 'stagegate.yml'),
      STAGEGATE_PORT: '0',
      STAGEGATE_LOG_LEVEL: 'info',
    };
  }

  /** Keeps the folder for whoever has to find out what happened. */
  keepEvidence(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries({ ...files, keep: '' })) writeFileSync(join(this.folder, name), text);
  }

  async close(): Promise<void> {
    await this.logs.stop();
    await this.guard.finish();
  }

  private furnish(more: Readonly<Record<string, unknown>>): void {
    mkdirSync(join(this.folder, 'home'));
    const [suite, developer] = [join(this.folder, 'suite.sh'), join(this.folder, 'developer.sh')];
    writeFileSync(suite, SUITE);
    writeFileSync(developer, DEVELOPER);
    const project = {
      repo: this.repository.dir,
      entryStages: ['created', 'deploy-staging'],
      staging: { suite: ['sh', suite], timeout: '20s', grace: '1s' },
      agents: { developer: { command: ['sh', developer], timeout: '20s', grace: '1s' } },
      budgets: BUDGETS,
      backoff: { base: '100ms', max: '2s' },
    };
    const projects = { ...more, [PROJECT]: project };
    writeFileSync(join(this.folder, 'stagegate.yml'), JSON.stringify({ version: 1, projects }));
  }
}
