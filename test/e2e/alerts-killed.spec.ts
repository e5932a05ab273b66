import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventStore } from '../../src/application/ports/event-store';
import { webhookId } from '../../src/infrastructure/alerts/webhook-alert-sink';
import { PostgresEventStore } from '../../src/infrastructure/event-stores/postgres/postgres-event-store';
import { Reachability } from '../../src/infrastructure/event-stores/reachability';
import { openSqliteEventStore } from '../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import { raise } from '../application/subscribers/support';
import { until } from '../contract/support/until';
import { startProgram, type RunningCli } from '../support/cli';
import { QuietLogger } from '../support/quiet-logger';
import { startPostgresLogs, type PostgresLogs } from '../support/postgres-log';
import { roundsOrAll } from '../support/rounds';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(30 * 60_000);

const CHILD = resolve(__dirname, '../support/deliver-child.cjs');
const DIST = resolve(__dirname, '../../dist');
const STREAM = 'subscriber-alerts.counting';
const POINTS = ['subscriber.taken', 'subscriber.handled', 'subscriber.done'] as const;
const KILLS = roundsOrAll(200, 20, 6);
const RAISED_EACH = 3;

/** Takes alerts, now and then after a while, now and then without saying so, and counts them by their ids. */
class CountingReceiver {
  readonly got = new Map<string, number>();
  url = '';
  private readonly server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      this.take(String(request.headers['webhook-id']), response);
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private take(id: string, response: ServerResponse): void {
    const chance = Math.random();
    if (chance < 0.05) {
      response.writeHead(503).end();
      return;
    }
    this.got.set(id, (this.got.get(id) ?? 0) + 1);
    if (chance < 0.1) response.destroy();
    else setTimeout(() => response.writeHead(204).end(), Math.random() * 30);
  }
}

let postgres: PostgresLogs;
beforeAll(async () => {
  postgres = await startPostgresLogs();
});
afterAll(() => postgres.stop());

test.each(['sqlite', 'postgres'] as const)(
  `on %s: killed ${KILLS} times, every alert arrives, under its own id alone`,
  async (kind) => {
    const sample = new SampleRepository();
    const receiver = new CountingReceiver();
    await receiver.start();
    const stateDir = join(sample.root, 'state');
    mkdirSync(stateDir);
    const url = kind === 'postgres' ? postgres.url(await postgres.create()) : `file:${join(stateDir, 'events.db')}`;
    const env = {
      STAGEGATE_STATE_DIR: stateDir,
      STAGEGATE_PROJECTS: join(sample.root, 'stagegate.yml'),
      STAGEGATE_EVENT_STORE_URL: url,
      SIGNING: Buffer.from('of this test').toString('base64'),
    };
    const counting = { kind: 'webhook', url: receiver.url, secrets: [{ variable: 'SIGNING' }], allow: ['127.0.0.1'] };
    const projects = { web: { repo: sample.dir, staging: { suite: 'true' } } };
    writeFileSync(env.STAGEGATE_PROJECTS, JSON.stringify({ version: 1, projects, alerts: { sinks: { counting } } }));
    const start = (more: Record<string, string> = {}) => startProgram(CHILD, [DIST], { ...env, ...more });
    let last: RunningCli | null = start();
    const opened: EventStore[] = [];
    try {
      await last.saw(/ready/);
      const store =
        kind === 'postgres'
          ? new PostgresEventStore(url, new Reachability(new QuietLogger()))
          : await openSqliteEventStore(join(stateDir, 'events.db'));
      opened.push(store);
      const events = () => store.readStream(STREAM, { limit: 100_000 });
      await until('it has begun', async () => (await events()).length > 0);
      const keys: string[] = [];
      let killed = 0;
      for (let round = 0; round < KILLS; round += 1) {
        for (let n = 0; n < RAISED_EACH; n += 1) {
          const key = `web.R${round}-${n}@1`;
          await raise(store, key);
          keys.push(key);
        }
        // Every other one at a moment that nobody has chosen.
        if (round % 2 === 0) await delay(Math.random() * 300);
        last.child.kill('SIGKILL');
        killed += (await last.ended).signal === 'SIGKILL' ? 1 : 0;
        const point = `${POINTS[(round >> 1) % POINTS.length] ?? ''}:${1 + (round % 3)}`;
        last = start(round % 2 === 0 ? { STAGEGATE_SELFTEST_FAILPOINT: point } : {});
        // It may be over before it says so.
        await Promise.race([last.saw(/ready/).catch(() => null), last.ended]);
        if (round % 2 === 0) await Promise.race([last.ended, delay(1_000)]);
      }
      last.child.kill('SIGKILL');
      await last.ended;
      last = start();
      const ended = async () =>
        (await events()).flatMap(({ data }) => (data['ended'] ?? []) as { name: string; outcome: string }[]);
      const isOut = async () => new Set((await ended()).map(({ name }) => name)).size === keys.length;
      await until('everything is out', isOut, 180_000);
      last.child.kill('SIGTERM');
      expect((await last.ended).code).toBe(0);
      last = null;

      expect(killed).toBe(KILLS);
      expect([...receiver.got.keys()].sort()).toEqual(keys.map(webhookId).sort());
      expect((await ended()).filter(({ outcome }) => outcome !== 'delivered')).toEqual([]);
      const again = [...receiver.got.values()].filter((times) => times > 1).length;
      if (KILLS >= 200)
        process.stdout.write(
          `${kind}: ${killed} kills, ${keys.length} alerts, ${receiver.got.size} ids, ${again} more than once\n`,
        );
    } finally {
      last?.child.kill('SIGKILL');
      await last?.ended;
      receiver.stop();
      for (const store of opened) await store.close();
      sample.dispose();
    }
  },
);
