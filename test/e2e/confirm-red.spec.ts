import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFrontMatter, RETEST_KEYS } from '../../src/domain/staging/front-matter';
import type { SampleRepository } from '../support/sample-repository';
import { eachInOwnProject, type Shown, type WebProject } from '../support/web-project';

jest.setTimeout(120_000);

let web: WebProject;
let sample: SampleRepository;
eachInOwnProject((made) => {
  web = made;
  sample = web.sample;
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
});

/** A re-test that ends by what stands in its line of `codes`, one line a run; what it has run is counted outside of its clone. */
async function up(codes: readonly number[], project: object = {}): Promise<void> {
  const runs = join(sample.root, 'runs');
  const line = `n=$(cat ${runs} 2>/dev/null || echo 0); echo $((n + 1)) > ${runs}; echo "this is run $n"; set -- ${codes.join(' ')}; shift $n; exit $1`;
  await web.up({ retest: { suite: line }, ...project });
  await web.submit('T1', 'feature');
}

async function untilAtRest(): Promise<Shown> {
  await web.until('T1', ({ stage, status }) => stage === 'done' || ['held', 'blocked'].includes(status));
  return web.show('T1');
}

const timesRun = () => Number(readFileSync(join(sample.root, 'runs'), 'utf8'));
const typesOf = ({ events }: Shown, ...types: readonly string[]) =>
  events.flatMap(({ type }) => (types.includes(type) ? [type] : []));

const retestLog = async () => (await web.artifact('T1', '15-retest-log.md')).toString();

test('red, then green on the same tree: held, with both runs on record, and landed once a person has said go on', async () => {
  await up([1, 0, 0]);
  const held = await untilAtRest();
  expect(held.entry).toMatchObject({ stage: 'deploy-staging', status: 'held', why: { code: 'held:inconclusive' } });
  expect(held.entry.why.text).toContain('the suite was red and green on the same tree');
  expect(typesOf(held, 'RedObserved', 'RetestFinished', 'StageRolledBack')).toEqual(['RedObserved', 'RetestFinished']);
  expect(timesRun()).toBe(2);
  const text = await retestLog();
  const read = readFrontMatter(RETEST_KEYS, Buffer.from(text));
  expect(read).toMatchObject({
    kind: 'ok',
    values: { retest_status: 'FAILED', cause: 'inconclusive', exit_code: '0' },
  });
  for (const part of ['    this is run 0\n', '    this is run 1\n', 'was red`']) expect(text).toContain(part);
  const { runId } = held.events.findLast(({ type }) => type === 'TransitionClaimed')?.data as { runId: string };
  expect(runId).toMatch(/^[0-9a-f-]{36}$/);
  const second = held.events.find(({ type }) => type === 'RetestFinished')?.data as { run: { runId: string } };
  expect((await web.run('log', second.run.runId)).stdout).toBe('this is run 1\n');
  const ledger = (await web.json('flakes', '--project', 'web')) as {
    items: readonly unknown[];
  };
  expect(ledger.items).toMatchObject([
    { project: 'web', taskId: 'web.T1', times: 1, seen: [{ colour: 'red', runId }, { colour: 'green' }], tests: [] },
  ]);
  expect((await web.run('flakes')).stdout).toContain(`red ${runId}`);
  const queue = await web.json('queue');
  expect(queue).toMatchObject({ flakes: { count: 1 }, merge_gate: { redsToConfirm: 1, retestsInconclusive: 1 } });
  expect(await web.run('release', 'web.T1', '--reason', 'a test of chance')).toMatchObject({ code: 0 });
  expect((await untilAtRest()).entry.stage).toBe('done');
  expect(timesRun()).toBe(3);
});

test('red twice: sent back once, at the price of one developer retry', async () => {
  await up([1, 3]);
  const back = await untilAtRest();
  expect(back.entry.stage).toBe('development');
  expect(
    back.events.filter(({ type }) => type === 'StageRolledBack').map(({ data }) => [data['reason'], data['spends']]),
  ).toEqual([['red', { budget: 'developer', key: 'task' }]]);
  expect(timesRun()).toBe(2);
  expect(await retestLog()).toMatch(/^---\nretest_status: FAILED\n[^]*exit_code: 3\n[^]*- exit code: 1\n/);
});

test('by policy what is inconclusive runs again by itself, and lands when it is green', async () => {
  await up([1, 0, 0], { onInconclusive: 'retry' });
  const landed = await untilAtRest();
  expect(landed.entry.stage).toBe('done');
  expect(typesOf(landed, 'RunDeferred', 'RetestFinished')).toEqual(['RetestFinished', 'RunDeferred', 'RetestFinished']);
});

test('switched off, a single red counts', async () => {
  await up([1, 0], { switches: { confirmRed: false } });
  expect((await untilAtRest()).entry.stage).toBe('development');
  expect(timesRun()).toBe(1);
});
