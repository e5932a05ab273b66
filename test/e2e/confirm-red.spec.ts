import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFrontMatter, RETEST_KEYS } from '../../src/domain/staging/front-matter';
import { lastJson, startService, type RunningService } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

interface Shown {
  readonly entry: {
    readonly stage: string;
    readonly status: string;
    readonly why: { readonly code: string; readonly text: string };
  };
  readonly events: readonly { readonly type: string; readonly data: Record<string, unknown> }[];
}

const session = new CliSession();
let sample: SampleRepository;
let env: Record<string, string>;
let service: RunningService | null = null;
beforeEach(() => {
  sample = new SampleRepository();
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
});
afterEach(async () => {
  await service?.stop();
  service = null;
  rmSync(env['STAGEGATE_STATE_DIR'] ?? '', { recursive: true, force: true });
  sample.dispose();
});
afterAll(() => session.close());

/** A re-test that ends by what stands in its line of `codes`, one line a run; what it has run is counted outside of its clone. */
async function up(codes: readonly number[], project: object = {}): Promise<void> {
  const runs = join(sample.root, 'runs');
  const line = `n=$(cat ${runs} 2>/dev/null || echo 0); echo $((n + 1)) > ${runs}; echo "this is run $n"; set -- ${codes.join(' ')}; shift $n; exit $1`;
  const web = {
    repo: sample.dir,
    entryStages: ['deploy-staging'],
    staging: { suite: 'true' },
    retest: { suite: line },
    backoff: { base: '50ms', max: '100ms' },
    ...project,
  };
  const file = join(sample.root, 'stagegate.yml');
  writeFileSync(file, JSON.stringify({ projects: { web } }));
  const stateDir = mkdtempSync(join(tmpdir(), 'stagegate-confirm-'));
  env = { STAGEGATE_STATE_DIR: stateDir, STAGEGATE_PROJECTS: file, STAGEGATE_PORT: '0', STAGEGATE_LOG_LEVEL: 'error' };
  service = await startService(env);
  const submit = ['submit', 'feature', '--project', 'web', '--id', 'T1', '--start-stage', 'deploy-staging'];
  expect(await session.run(submit, env)).toMatchObject({ code: 0 });
}

async function until(isThere: (shown: Shown) => boolean): Promise<Shown> {
  for (;;) {
    const shown = lastJson(await session.run(['show', 'web.T1', '--json'], env)) as Shown;
    if (isThere(shown)) return shown;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const atRest = ({ entry }: Shown) => entry.stage === 'done' || ['held', 'blocked'].includes(entry.status);
const timesRun = () => Number(readFileSync(join(sample.root, 'runs'), 'utf8'));
const typesOf = ({ events }: Shown, ...types: readonly string[]) =>
  events.flatMap(({ type }) => (types.includes(type) ? [type] : []));

/** Rendered beside the log, in its own time. */
async function retestLog(): Promise<string> {
  const file = join(env['STAGEGATE_STATE_DIR'] ?? '', 'artifacts', 'web', 'T1', '15-retest-log.md');
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 50));
  return readFileSync(file, 'utf8');
}

test('red, then green on the same tree: held, with both runs on record, and landed once a person has said go on', async () => {
  await up([1, 0, 0]);
  const held = await until(atRest);
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
  expect((await session.run(['log', second.run.runId], env)).stdout).toBe('this is run 1\n');
  const ledger = lastJson(await session.run(['flakes', '--project', 'web', '--json'], env)) as {
    items: readonly unknown[];
  };
  expect(ledger.items).toMatchObject([
    { project: 'web', taskId: 'web.T1', times: 1, seen: [{ colour: 'red', runId }, { colour: 'green' }], tests: [] },
  ]);
  expect((await session.run(['flakes'], env)).stdout).toContain(`red ${runId}`);
  const queue = lastJson(await session.run(['queue', '--json'], env)) as object;
  expect(queue).toMatchObject({ flakes: { count: 1 }, merge_gate: { redsToConfirm: 1, retestsInconclusive: 1 } });
  expect(await session.run(['release', 'web.T1', '--reason', 'a test of chance'], env)).toMatchObject({ code: 0 });
  expect((await until(atRest)).entry.stage).toBe('done');
  expect(timesRun()).toBe(3);
});

test('red twice: sent back once, at the price of one developer retry', async () => {
  await up([1, 3]);
  const back = await until(atRest);
  expect(back.entry.stage).toBe('development');
  expect(
    back.events.filter(({ type }) => type === 'StageRolledBack').map(({ data }) => [data['reason'], data['spends']]),
  ).toEqual([['red', { budget: 'developer', key: 'task' }]]);
  expect(timesRun()).toBe(2);
  expect(await retestLog()).toMatch(/^---\nretest_status: FAILED\n[^]*exit_code: 3\n[^]*- exit code: 1\n/);
});

test('by policy what is inconclusive runs again by itself, and lands when it is green', async () => {
  await up([1, 0, 0], { onInconclusive: 'retry' });
  const landed = await until(atRest);
  expect(landed.entry.stage).toBe('done');
  expect(typesOf(landed, 'RunDeferred', 'RetestFinished')).toEqual(['RetestFinished', 'RunDeferred', 'RetestFinished']);
});

test('switched off, a single red counts', async () => {
  await up([1, 0], { switches: { confirmRed: false } });
  expect((await until(atRest)).entry.stage).toBe('development');
  expect(timesRun()).toBe(1);
});
