import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PostgresEventStore } from '../../src/infrastructure/event-stores/postgres/postgres-event-store';
import { Reachability } from '../../src/infrastructure/event-stores/reachability';
import { openSqliteEventStore } from '../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import type { EventStore, StoredEvent } from '../../src/application/ports/event-store';
import { STOP_WITHIN_MS } from '../../src/cli/stop-in-time';
import { until } from '../contract/support/until';
import { runCli, startCli, type CliResult, type RunningCli } from '../support/cli';
import { processesWith } from '../support/processes-with';
import { startPostgresLogs, type PostgresLogs } from '../support/postgres-log';
import { QuietLogger } from '../support/quiet-logger';
import { SampleRepository } from '../support/sample-repository';

/** Servers are started and stopped around it, on a machine that may be busy. */
jest.setTimeout(3 * STOP_WITHIN_MS);

const template = new SampleRepository();
template.commit('feature', { 'a.txt': 'a\n' }, 'main');
afterAll(() => {
  template.dispose();
});

/** A service of its own, on which one job is under way. */
class Service {
  readonly sample = new SampleRepository({ like: template.root });
  readonly stateDir = mkdtempSync(join(tmpdir(), 'stagegate-stop-'));
  readonly started = join(this.sample.root, 'STARTED');
  private cli: RunningCli | null = null;
  url = '';

  constructor(
    private readonly openStore: () => Promise<EventStore>,
    private readonly more: Record<string, string> = {},
  ) {}

  private get env(): Record<string, string> {
    return {
      STAGEGATE_STATE_DIR: this.stateDir,
      STAGEGATE_PROJECTS: join(this.sample.root, 'stagegate.yml'),
      STAGEGATE_PORT: '0',
      STAGEGATE_LOG_LEVEL: 'warn',
      ...this.more,
    };
  }

  /** @param suite told the file that says it has begun. */
  async begin(suite: (started: string) => string, more: object = {}, file: { alerts?: object } = {}): Promise<void> {
    const staging = { suite: suite(this.started), timeout: '60m', ...more };
    const web = { repo: this.sample.dir, entryStages: ['deploy-staging'], staging };
    const { alerts, ...others } = file;
    const all = { version: 1, projects: { web, ...others }, ...(alerts && { alerts }) };
    writeFileSync(join(this.sample.root, 'stagegate.yml'), JSON.stringify(all));
    await this.up();
    await this.submit('web');
    while (!existsSync(this.started)) await delay(50);
  }

  async up(): Promise<void> {
    this.cli = startCli(['up', '--json'], this.env);
    [, this.url = ''] = await this.cli.saw(/"url":"([^"]+)"/);
  }

  async submit(project: string): Promise<void> {
    const args = ['submit', 'feature', '--project', project, '--id', 'T1', '--start-stage', 'deploy-staging'];
    expect((await runCli(args, this.env)).code).toBe(0);
  }

  saw(pattern: RegExp): Promise<RegExpMatchArray> {
    return (this.cli as RunningCli).saw(pattern);
  }

  get origin(): string {
    return new URL(this.url).origin;
  }

  async types(): Promise<readonly string[]> {
    return (await this.events()).map(({ type }) => type);
  }

  async end(): Promise<CliResult> {
    this.cli?.child.kill('SIGTERM');
    return (this.cli as RunningCli).ended;
  }

  /** Of its task. */
  async events(): Promise<readonly StoredEvent[]> {
    const store = await this.openStore();
    const events = await store.readStream('task-web.T1', { limit: 1_000 });
    await store.close();
    return events;
  }

  dispose(): void {
    this.cli?.child.kill('SIGKILL');
    rmSync(this.stateDir, { recursive: true, force: true });
    this.sample.dispose();
  }
}

function inFile(more: Record<string, string> = {}): Service {
  const service: Service = new Service(() => openSqliteEventStore(join(service.stateDir, 'events.db')), more);
  return service;
}

const lastOf = async (service: Service) => (await service.events()).at(-1);
const SSE = { headers: { accept: 'text/event-stream' } };
const LEFT_OVER = 'subscribers have something left to do';
const CLAIMS = ['TransitionClaimed', 'ClaimReleased', 'TransitionReaped'];
const GIVEN_BACK = { type: 'ClaimReleased', data: { reason: 'the service is shutting down' } };
const deaf = (started: string) => `trap '' TERM INT; touch ${started}; while :; do sleep 1; done`;
const patient = (started: string) => `touch ${started}; sleep 3000`;

describe('SIGTERM ends the service in time', () => {
  it('with a suite that does not listen and has all the time of the world', async () => {
    const service = inFile();
    try {
      await service.begin(deaf, { grace: '10m' });
      const { code, stderr } = await service.end();
      expect({ code, stderr }).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('runs that are under way are killed now') as string,
      });
      expect(await lastOf(service)).toMatchObject(GIVEN_BACK);
      expect(processesWith(service.started)).toEqual([]);
    } finally {
      service.dispose();
    }
  });

  it('with a git that never ends, which costs no retry', async () => {
    const bin = mkdtempSync(join(tmpdir(), 'stagegate-git-'));
    const service = inFile({ PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` });
    const real = realGit();
    const hang = `trap '' TERM; touch ${service.started}; while :; do sleep 1; done`;
    writeFileSync(join(bin, 'git'), `#!/bin/sh\ncase " $* " in *" fetch "*) ${hang};; esac\nexec ${real} "$@"\n`);
    chmodSync(join(bin, 'git'), 0o755);
    try {
      await service.begin(() => 'true');
      const { code, stderr } = await service.end();
      expect({ code, stderr }).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('git commands that are under way are ended now') as string,
      });
      expect(await lastOf(service)).toMatchObject(GIVEN_BACK);
      expect(processesWith(service.started)).toEqual([]);
    } finally {
      service.dispose();
      rmSync(bin, { recursive: true, force: true });
    }
  });

  it('with clients that are slow, silent, or keep their connection', async () => {
    const service = inFile();
    const sockets: { destroy(): void }[] = [];
    try {
      await service.begin(patient, { grace: '1s' });
      const { hostname, port } = new URL(service.url);
      const silent = connect({ host: hostname, port: Number(port) });
      const half = request(`${service.url}/v1/tasks`, { method: 'POST', headers: { 'content-length': '1000' } });
      for (const one of [silent, half]) one.on('error', () => undefined);
      half.write('{');
      await fetch(`${service.url}/queue`);
      sockets.push(silent, half);
      const { code } = await service.end();
      expect(code).toBe(0);
      expect(await lastOf(service)).toMatchObject(GIVEN_BACK);
    } finally {
      for (const socket of sockets) socket.destroy();
      service.dispose();
    }
  });

  it('with readers of the log, half a body, a suite and a delivery that nobody answers, and the next start delivers', async () => {
    const delivered: string[] = [];
    let isDeaf = true;
    const sink = createServer((asked, answer) => {
      delivered.push(String(asked.headers['webhook-id']));
      if (!isDeaf) answer.end();
    });
    await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
    const { port: sinkPort } = sink.address() as AddressInfo;
    const secret = join(tmpdir(), `stagegate-stop-secret-${process.pid}`);
    writeFileSync(secret, `whsec_${Buffer.alloc(32, 7).toString('base64')}`, { mode: 0o600 });
    const url = `http://127.0.0.1:${sinkPort}/alerts`;
    const kept = { kind: 'webhook', url, secrets: [{ file: secret }], allow: ['127.0.0.1'] };
    const service = inFile();
    const broken = {
      repo: service.sample.dir,
      entryStages: ['deploy-staging'],
      staging: { suite: 'true', setup: 'false' },
    };
    const more = { alerts: { sinks: { pager: kept } }, api: { ...broken, budgets: { infra: 0 } } };
    const half = (at: string) => request(`${at}/v1/tasks`, { method: 'POST', headers: { 'content-length': '1000' } });
    try {
      await service.begin(patient, { grace: '1s' }, more);
      await service.submit('api');
      while (delivered.length === 0) await delay(50);
      const readers = await Promise.all(
        Array.from({ length: 5 }, () => fetch(`${service.origin}/v1/events?from=now`, SSE)),
      );
      const ends = readers.map((reader) => reader.text());
      const slow = half(service.origin).on('error', () => undefined);
      slow.write('{');
      const { code, stderr } = await service.end();
      expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining(LEFT_OVER) as string });
      expect(stderr).not.toContain('still stopping');
      // Each was told the end of its stream, and none was cut off in the middle.
      expect(await Promise.all(ends)).toHaveLength(5);
      expect(await lastOf(service)).toMatchObject(GIVEN_BACK);
      expect(processesWith(service.started)).toEqual([]);
      isDeaf = false;
      const before = delivered.length;
      await service.up();
      while (delivered.length === before) await delay(50);
      expect(new Set(delivered).size).toBe(1);
      await service.end();
    } finally {
      service.dispose();
      sink.closeAllConnections();
      sink.close();
      rmSync(secret, { force: true });
    }
  });

  it('asked a second time at once, and nothing of its runs is left', async () => {
    const service = inFile();
    try {
      await service.begin(deaf, { grace: '10m' });
      const ended = service.end();
      await service.saw(/stopping: runs are ended/);
      // One that follows at once may be the same.
      await delay(700);
      const { code, stderr } = await service.end();
      expect({ code, stderr }).toMatchObject({ code: 130, stderr: expect.stringContaining('ended at once') as string });
      await ended;
      await until('its run is gone', () => processesWith(service.started).length === 0);
      await service.up();
      // Its claim was given back when its run ended, if there was still time for that; else the next start has taken it back.
      const isOver = (types: readonly string[]) =>
        types.includes('ClaimReleased') || types.includes('TransitionReaped');
      await until('its claim is over', async () => isOver(await service.types()), 60_000);
      await service.end();
    } finally {
      service.dispose();
    }
  });

  describe('with a log on PostgreSQL', () => {
    let logs: PostgresLogs;
    beforeAll(async () => {
      logs = await startPostgresLogs();
    });
    afterAll(() => logs.stop());

    it('that stands still, and the next start goes on with what it left', async () => {
      const url = logs.url(await logs.create());
      const service = new Service(async () => new PostgresEventStore(url, new Reachability(new QuietLogger())), {
        STAGEGATE_EVENT_STORE_URL: url,
      });
      try {
        await service.begin(patient, { grace: '1s' });
        logs.server.freeze();
        const { stderr, signal } = await service.end();
        logs.server.thaw();
        expect({ stderr, signal }).toEqual({
          stderr: expect.stringContaining('a result could not be handed over') as string,
          signal: null,
        });
        expect(processesWith(service.started)).toEqual([]);
        rmSync(service.started);
        await service.begin(patient, { grace: '1s' });
        // What was on its way when the server stood still may be stored when it goes on.
        const claims = (await service.events()).filter(({ type }) => CLAIMS.includes(type)).map(({ type }) => type);
        expect(claims).toEqual(['TransitionClaimed', expect.stringMatching(/Released|Reaped/), 'TransitionClaimed']);
        await service.end();
      } finally {
        logs.server.thaw();
        service.dispose();
      }
    });
  });
});

function realGit(): string {
  const found = (process.env['PATH'] ?? '').split(delimiter).map((dir) => join(dir, 'git'));
  const real = found.find((path) => existsSync(path));
  if (!real) throw new Error('expected git on PATH, saw none');
  return real;
}
