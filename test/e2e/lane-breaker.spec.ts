import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eachInOwnProject, type WebProject } from '../support/web-project';

jest.setTimeout(120_000);

interface Queue {
  readonly stages: readonly { readonly tasks: readonly { readonly id: string; readonly why: { code: string } }[] }[];
  readonly finished: { readonly done: number };
  readonly alerts: { readonly open: number; readonly newest: readonly { readonly title: string }[] };
  readonly lane_breaker: Readonly<Record<string, number>>;
  readonly lanes: readonly { readonly paused: null | Readonly<Record<string, unknown>> }[];
}

const TASKS = ['T1', 'T2', 'T3', 'T4', 'T5'];
let web: WebProject;
let mended: string;
eachInOwnProject((made) => {
  web = made;
  for (const task of TASKS) web.sample.commit(task, { [`${task}.txt`]: `${task}\n` }, 'main');
  mended = join(web.sample.root, 'mended');
});

/** Its re-tests are killed until the machine is mended. */
async function up(cooldown: string): Promise<void> {
  await web.up({
    retest: { suite: `test -e ${mended} || kill -9 $$` },
    backoff: { base: '4s', max: '4s' },
    breaker: { minRuns: 3, cooldown },
  });
  for (const id of TASKS) await web.submit(id, id);
}

async function until(isThere: (queue: Queue) => boolean): Promise<Queue> {
  for (;;) {
    const queue = (await web.json('queue')) as Queue;
    if (isThere(queue)) return queue;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Lines of its log. */
function alertsIn(ended: { readonly stdout: string; readonly stderr: string } | null): number {
  const { stdout = '', stderr = '' } = ended ?? {};
  return (stdout + stderr).split('the lane of web is paused"').length - 1;
}

const isPaused = ({ lanes }: Queue) => (lanes[0]?.paused ?? null) !== null;
const areDone = ({ finished }: Queue) => finished.done === TASKS.length;
const waiting = ({ stages }: Queue) =>
  stages.flatMap(({ tasks }) => tasks).filter(({ why }) => why.code === 'lane-paused');

test('a machine that fails every re-test pauses the lane with one alert; mended, a probe resumes it and all tasks land', async () => {
  await up('3s');
  const paused = await until((queue) => isPaused(queue) && waiting(queue).length > 0);
  expect(paused.lanes[0]?.paused).toMatchObject({ cause: 'infra-rate', failures: 3, runs: 3, tasks: 3 });
  expect(paused.alerts).toMatchObject({ open: 1, newest: [{ title: 'the lane of web is paused' }] });
  const [one] = waiting(paused);
  const { stdout } = await web.run('why', one?.id ?? '');
  expect(stdout).toMatch(/the lane of web is paused since .*: 3 of 3 runs, of 3 tasks, failed by infrastructure since/);
  expect(stdout).toContain('stagegate lane resume web');
  const failed = await until(({ lane_breaker: counted }) => (counted['failedProbes'] ?? 0) > 0);
  expect(failed).toMatchObject({ alerts: { open: 1 }, lane_breaker: { paused: 1 }, finished: { done: 0 } });
  writeFileSync(mended, '');
  const done = await until(areDone);
  expect(done).toMatchObject({
    alerts: { open: 0 },
    lanes: [{ paused: null }],
    lane_breaker: { paused: 1, resumedByProbe: 1, resumedByPerson: 0 },
  });
  for (const id of TASKS) {
    const { events } = await web.show(id);
    expect(events.filter(({ type }) => ['TaskHeld', 'StageRolledBack'].includes(type))).toEqual([]);
    // What was spent was spent before the pause: by a task once at most.
    expect(events.filter(({ type, data }) => type === 'RunDeferred' && data['spends']).length).toBeLessThanOrEqual(1);
  }
});

test('a person resumes it at once; until then it stays paused, also through a restart', async () => {
  await up('9h');
  await until(isPaused);
  expect(alertsIn(await web.stop())).toBe(1);
  writeFileSync(mended, '');
  await web.start();
  const still = await until((queue) => waiting(queue).length === TASKS.length);
  expect(still).toMatchObject({ alerts: { open: 1 }, lane_breaker: { paused: 1, probes: 0 } });
  const resume = ['lane', 'resume', 'web', '--reason', 'the disk has room again'];
  expect((await web.run(...resume)).stdout).toBe('web: the lane goes on\n');
  expect((await web.run(...resume)).stdout).toBe('web: the lane was not paused\n');
  const done = await until(areDone);
  expect(done).toMatchObject({ alerts: { open: 0 }, lane_breaker: { paused: 1, resumedByPerson: 1 } });
  expect(alertsIn(await web.stop())).toBe(0);
});
