import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openSqliteEventStore } from '../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import { until } from '../contract/support/until';
import { startCli, type RunningCli } from '../support/cli';
import { check } from '../support/invariants';
import { orderHeaders } from '../support/operator';
import { roundsOrAll } from '../support/rounds';
import { SampleRepository } from '../support/sample-repository';
import { HOOK_SECRETS, sendHook, type Sent } from '../support/signed-hooks';

jest.setTimeout(30 * 60_000);

const POINTS = ['delivery.recorded', 'append.before', 'append.after', 'subscriber.handled', 'subscriber.done'] as const;
const KILLS = roundsOrAll(120, 20, 12);
const AT_ONCE = 4;

const sample = new SampleRepository();
const stateDir = join(sample.root, 'state');
const env = {
  STAGEGATE_STATE_DIR: stateDir,
  STAGEGATE_PROJECTS: join(sample.root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
};
let head: string;
let running: RunningCli | null = null;

beforeAll(() => {
  head = sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  mkdirSync(join(sample.root, 'secrets'));
  const secret = join(sample.root, 'secrets', 'github');
  writeFileSync(secret, HOOK_SECRETS.github);
  const project = {
    repo: sample.dir,
    entryStages: ['development'],
    staging: { suite: 'true', minIsolation: 'none' },
    ci: { requiredChecks: ['build'] },
    hooks: { github: { secrets: [{ file: secret }] } },
  };
  writeFileSync(env.STAGEGATE_PROJECTS, JSON.stringify({ version: 1, projects: { web: project } }));
});
afterAll(async () => {
  running?.child.kill('SIGKILL');
  await running?.ended;
  sample.dispose();
});

async function up(more: Record<string, string> = {}): Promise<string> {
  running = startCli(['up', '--json'], { ...env, ...more });
  const [, url = ''] = await running.saw(/"url":"([^"]+)"/);
  return url;
}

async function down(signal: NodeJS.Signals): Promise<boolean> {
  running?.child.kill(signal);
  return (await running?.ended)?.signal === 'SIGKILL';
}

/** A forge: what nobody has taken it sends again, and sometimes what somebody has taken. */
class Forge {
  private readonly waiting = new Map<string, Sent>();
  readonly all: Sent[] = [];

  tell(): void {
    const at = this.all.length;
    const run = { name: 'build', status: 'completed', conclusion: 'neutral', head_sha: head };
    const body = JSON.stringify({ check_run: { ...run, html_url: `https://ci.example/${at}` } });
    const sent: Sent = { source: 'github', id: `kill-${at}`, event: 'check_run', body };
    this.all.push(sent);
    this.waiting.set(sent.id, sent);
  }

  async send(url: string, some: readonly Sent[] = [...this.waiting.values()]): Promise<void> {
    await Promise.all(
      some.map(async (sent) => {
        // Nobody is there any more: it is sent again.
        const status = await sendHook(url, sent).then(
          (answer) => answer.status,
          () => 0,
        );
        expect([0, 200, 202]).toContain(status);
        if (status !== 0) this.waiting.delete(sent.id);
      }),
    );
  }
}

async function log() {
  const store = await openSqliteEventStore(join(stateDir, 'events.db'));
  try {
    return (await store.readAll({ prefixes: [''], limit: 100_000 })).events;
  } finally {
    await store.close();
  }
}

test(`killed ${KILLS} times while deliveries come, each is recorded once and is with its task once, and none is lost`, async () => {
  const forge = new Forge();
  const first = await up();
  const body = JSON.stringify({ project: 'web', branch: 'feature', id: 'T', startStage: 'development' });
  const submitted = await fetch(`${first}/v1/tasks`, { method: 'POST', headers: orderHeaders(stateDir, first), body });
  expect(submitted.status).toBe(201);
  await down('SIGTERM');
  let killed = 0;
  for (let round = 0; round < KILLS; round += 1) {
    // Every other one at a moment that nobody has chosen.
    const point = `${POINTS[(round >> 1) % POINTS.length] ?? ''}:${1 + (round % 3)}`;
    const isAimed = round % 2 === 0;
    const url = await up(isAimed ? { STAGEGATE_SELFTEST_FAILPOINT: point } : {}).catch(() => null);
    for (let count = 0; count < AT_ONCE; count += 1) forge.tell();
    if (url !== null) {
      const sent = Promise.all([forge.send(url), forge.send(url)]);
      if (!isAimed) await delay(Math.random() * 60);
      else await sent;
      if (!isAimed) running?.child.kill('SIGKILL');
      await sent;
    }
    killed += (await down('SIGTERM')) ? 1 : 0;
  }
  const last = await up();
  await forge.send(last);
  await forge.send(last, forge.all);
  const isOut = async () => {
    const { subscribers } = (await (await fetch(`${last}/queue`)).json()) as { subscribers: { behind: number }[] };
    return subscribers.every(({ behind }) => behind === 0);
  };
  await until('everything is brought', isOut, 120_000);
  expect(await down('SIGTERM')).toBe(false);

  expect(killed).toBeGreaterThanOrEqual(KILLS / 2);
  const events = await log();
  expect(check(events, { isAtRest: true })).toEqual([]);
  const ids = forge.all.map(({ id }) => id).sort();
  const received = events
    .filter(({ type }) => type === 'WebhookReceived')
    .map(({ data }) => data['delivery'] as string);
  expect(received.sort()).toEqual(ids);
  const brought = events
    .filter(({ type }) => type === 'EvidenceRecorded')
    .map(({ data }) => (data['evidence'] as { delivery: { id: string } }).delivery.id);
  expect(brought.sort()).toEqual(ids);
});
