import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataOf, stagegateClient } from '../../src/client';
import { openSqliteEventStore } from '../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { until } from '../contract/support/until';
import { startCli, type RunningCli } from '../support/cli';
import { roundsOrAll } from '../support/rounds';
import { SampleRepository } from '../support/sample-repository';
import { operatorClient } from '../support/operator-client';

jest.setTimeout(60 * 60_000);

const sample = new SampleRepository();
const stateDir = join(sample.root, 'state');
const env = {
  STAGEGATE_STATE_DIR: stateDir,
  STAGEGATE_PROJECTS: join(sample.root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
};
let running: RunningCli | null = null;
beforeAll(() => {
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  const project = { repo: sample.dir, entryStages: ['deploy-staging'], staging: { suite: 'no-such-program' } };
  writeFileSync(env.STAGEGATE_PROJECTS, JSON.stringify({ version: 1, projects: { web: project } }));
});
afterAll(async () => {
  running?.child.kill('SIGKILL');
  await running?.ended;
  sample.dispose();
});

/** @param more a point at which the service is killed, as a rule. */
async function up(more: Record<string, string> = {}): Promise<{ url: string; ended: RunningCli['ended'] }> {
  running = startCli(['up', '--json'], { ...env, ...more });
  const [, url = ''] = await running.saw(/"url":"([^"]+)"/);
  return { url, ended: running.ended };
}

async function submit(url: string, id: string): Promise<void> {
  const body = { project: 'web', branch: 'feature', id, startStage: 'deploy-staging' } as const;
  const { response } = await operatorClient(stateDir, url).POST('/v1/tasks', { body });
  expect([id, response.status]).toEqual([id, 201]);
}

async function untilHeld(url: string, id: string): Promise<void> {
  const params = { path: { id: `web.${id}` } };
  const why = () => dataOf(stagegateClient({ url }).GET('/v1/tasks/{id}/why', { params }));
  await until(`${id} is held`, async () => (await why()).code.startsWith('held:'), 60_000);
}

async function typesIn(stream: string): Promise<readonly string[]> {
  const store = await openSqliteEventStore(join(stateDir, 'events.db'));
  try {
    return (await store.readStream(stream, { limit: 500 })).map(({ type }) => type);
  } finally {
    await store.close();
  }
}

const alertsOf = (id: string, stderr: string) =>
  stderr.split('\n').filter((line) => line.includes('"alert":') && line.includes(`"task":"web.${id}"`)).length;

/** The first is the answer to whoever submits; by then the task is there. */
const FIRST = 2;
const ENOUGH = 12;

test('killed right after any append, the next start says the alert, unless it was, and puts the artifact in its place', async () => {
  const madeUp: string[] = [];
  let isKilled = true;
  for (let nth = FIRST; isKilled && nth < ENOUGH; nth += 1) {
    const id = `T${nth}`;
    const first = await up({ STAGEGATE_SELFTEST_FAILPOINT: `append.after:${nth}` });
    await submit(first.url, id);
    // Asked in vain once it is gone.
    await untilHeld(first.url, id).catch(() => undefined);
    running?.child.kill('SIGTERM');
    const before = await first.ended;
    isKilled = before.signal === 'SIGKILL';
    const wasAlert = (await typesIn(`task-web.${id}`)).includes('AlertRaised');
    if (wasAlert && alertsOf(id, before.stderr) === 0) madeUp.push(id);

    const second = await up();
    await untilHeld(second.url, id);
    const named = join(stateDir, 'artifacts', 'web', id);
    await until('the artifact is there', async () => existsSync(named) && readdirSync(named).length > 0, 60_000);
    running?.child.kill('SIGTERM');
    const after = await second.ended;
    expect([id, after.code]).toEqual([id, 0]);

    // Once each at most, and twice where the kill hit between the sending and the note of it.
    const said = [alertsOf(id, before.stderr), alertsOf(id, after.stderr)];
    expect([id, said.filter((times) => times > 1)]).toEqual([id, []]);
    expect([id, said]).not.toEqual([id, [0, 0]]);
    const [name = ''] = readdirSync(named);
    expect(readFileSync(join(named, name), 'utf8')).toContain('no-such-program');
    const published = sample.git(['show', `refs/stagegate/artifacts/web/${id}:${name}`], sample.dir);
    expect(published).toContain('no-such-program');
  }
  expect(madeUp).not.toEqual([]);
  expect(isKilled).toBe(false);
});

const POINTS = ['append.before', 'append.after', 'subscriber.taken', 'subscriber.handled', 'subscriber.done'] as const;
const KILLS = roundsOrAll(200, 25, 2 * POINTS.length);

interface Raised {
  readonly key: string;
  readonly task: string;
}

/** What the log has of the tasks of this test: their ids, alerts raised, artifacts cited, keys that were delivered. */
async function told() {
  const store = await openSqliteEventStore(join(stateDir, 'events.db'));
  try {
    const { events } = await store.readAll({ prefixes: ['task-web.K', 'subscriber-'], limit: 100_000 });
    const dataOf = (wanted: string) => events.filter(({ type }) => type === wanted);
    return {
      submitted: dataOf('TaskSubmitted').map(({ stream }) => stream.slice('task-web.'.length)),
      raised: dataOf('AlertRaised').map(({ stream, data }) => ({
        task: stream.slice(5),
        key: (data as { key: string }).key,
      })),
      cited: new Map(
        dataOf('VerdictRecorded').map(({ stream, data }) => [
          stream.slice('task-web.'.length),
          data['artifact'] as { name: string; digest: string },
        ]),
      ),
      delivered: events.filter(({ stream }) => stream === 'subscriber-alerts.log').flatMap(({ data }) => data['done']),
    };
  } finally {
    await store.close();
  }
}

test(`killed ${KILLS} times around an append: every alert is out, under its key alone, and every artifact there`, async () => {
  const said: Raised[] = [];
  let killed = 0;
  const listen = async (ended: RunningCli['ended']) => {
    const { stderr, signal } = await ended;
    killed += signal === 'SIGKILL' ? 1 : 0;
    for (const line of stderr.split('\n').filter((each) => each.includes('"alert":"web.K'))) {
      const { alert: key, task } = JSON.parse(line) as { alert: string; task: string };
      said.push({ key, task });
    }
  };
  for (let round = 0; round < KILLS; round += 1) {
    const point = `${POINTS[round % POINTS.length] ?? ''}:${1 + (Math.floor(round / POINTS.length) % 4)}`;
    // It may be killed before it is ready or as it answers, and then is asked in vain.
    const service = await up({ STAGEGATE_SELFTEST_FAILPOINT: point }).catch(() => null);
    if (service) {
      await submit(service.url, `K${round}`).catch(() => undefined);
      await untilHeld(service.url, `K${round}`).catch(() => undefined);
      running?.child.kill('SIGTERM');
    }
    if (running) await listen(running.ended);
  }
  const last = await up();
  const isOut = async () => {
    const { subscribers } = await dataOf(stagegateClient({ url: last.url }).GET('/queue'));
    return subscribers.every(({ behind }) => behind === 0);
  };
  for (const id of (await told()).submitted) await untilHeld(last.url, id);
  await until('everything is out', isOut, 120_000);
  running?.child.kill('SIGTERM');
  await listen(last.ended);

  const { submitted, raised, cited, delivered } = await told();
  // Two points of five are passed by every service that is not killed before; a task is missing only where that was so.
  expect(killed).toBeGreaterThan(KILLS / 4);
  expect(killed + submitted.length).toBeGreaterThanOrEqual(KILLS);
  expect(new Set(raised.map(({ task }) => task))).toEqual(new Set(submitted.map((id) => `web.${id}`)));
  const textOf = ({ task, key }: Raised) => `${task} ${key}`;
  expect(new Set(said.map(textOf))).toEqual(new Set(raised.map(textOf)));
  expect(raised.filter(({ key }) => !delivered.includes(key))).toEqual([]);
  for (const [id, { name, digest }] of cited) {
    const text = readFileSync(join(stateDir, 'artifacts', 'web', id, name), 'utf8');
    expect([id, new NodeHasher().sha256(text)]).toEqual([id, digest]);
    expect(sample.git(['show', `refs/stagegate/artifacts/web/${id}:${name}`], sample.dir)).toBe(text.trimEnd());
  }
});
