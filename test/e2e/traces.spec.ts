import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { until } from '../contract/support/until';
import { startNode, type RunningCli } from '../support/cli';
import { orderHeaders } from '../support/operator';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const CLI = resolve(__dirname, '../../dist/cli.js');
const SDK = resolve(__dirname, 'tracing.cjs');
const SECRET = 'never-in-a-trace';
const ASKED = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

const sample = new SampleRepository();
const root = mkdtempSync(join(tmpdir(), 'stagegate-traces-'));
const stateDir = join(root, 'state');
const file = join(root, 'traces');
let service: RunningCli;
let spans: readonly Span[];
let stderr = '';

beforeAll(async () => {
  for (const branch of ['feature', 'broken']) sample.commit(branch, { [`${branch}.txt`]: 'a\n' }, 'main');
  const suite = `true ${SECRET}`;
  const common = { repo: sample.dir, entryStages: ['deploy-staging'] };
  const web = { ...common, staging: { suite } };
  const api = { ...common, staging: { suite, setup: `false ${SECRET}` }, budgets: { infra: 0 } };
  writeFileSync(join(root, 'stagegate.yml'), JSON.stringify({ version: 1, projects: { web, api } }));
  writeFileSync(file, '');
  service = startNode(['--require', SDK, CLI, 'up', '--json'], {
    STAGEGATE_STATE_DIR: stateDir,
    STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
    STAGEGATE_PORT: '0',
    TRACES_FILE: file,
  });
  const [, url = ''] = await service.saw(/"url":"([^"]+)"/);
  const headers = {
    ...orderHeaders(stateDir, url),
    traceparent: `00-${ASKED.traceId}-${ASKED.spanId}-01`,
  };
  for (const [project, branch] of [
    ['web', 'feature'],
    ['api', 'broken'],
  ]) {
    const body = JSON.stringify({ project, branch, id: 'T1', startStage: 'deploy-staging' });
    expect((await fetch(`${url}/v1/tasks`, { method: 'POST', headers, body })).status).toBe(201);
  }
  const names = () => readSpans().map(({ name }) => name);
  await until('it has landed', () => names().includes('landing'), 60_000);
  await until('an alert is delivered', () => names().includes('delivery log'), 60_000);
  service.child.kill('SIGTERM');
  ({ stderr } = await service.ended);
  spans = readSpans();
});
afterAll(() => {
  service.child.kill('SIGKILL');
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

function readSpans(): readonly Span[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Span);
}

const named = (name: string) => spans.filter((span) => span.name === name);
const parentOf = ({ parent }: Span) => spans.find(({ spanId }) => spanId === parent)?.name;

test('a request belongs to the trace of whoever asked, and what it appends belongs to it', () => {
  const [request] = named('POST /v1/tasks');
  expect(request).toMatchObject({
    traceId: ASKED.traceId,
    parent: ASKED.spanId,
    attributes: { 'http.request.method': 'POST', 'http.route': '/v1/tasks', 'http.response.status_code': 201 },
  });
  const appends = named('append task').filter(({ parent }) => parent === request?.spanId);
  expect(appends).toHaveLength(1);
  expect(appends[0]).toMatchObject({
    traceId: ASKED.traceId,
    attributes: { 'stagegate.stream': 'task', 'stagegate.outcome': 'stored' },
  });
});

test.each([
  ['run', 'job staging-suite'],
  ['landing', 'job landing'],
  ['gate check_staging_status', 'job staging-suite'],
  ['gate check_branch_mergeable', 'job merge-gate'],
])('%s belongs to %s', (name, parent) => {
  expect(named(name).map(parentOf)).toContain(parent);
});

test('the result of a job is appended within it', () => {
  expect(named('append task').map(parentOf)).toContain('job landing');
  expect(named('job landing')[0]?.attributes).toMatchObject({
    'stagegate.outcome': 'landed',
    'stagegate.task': 'web.T1',
  });
});

test('a delivery is a step, and what is logged within it names its trace', () => {
  const [delivery] = named('delivery log');
  expect(delivery?.attributes).toMatchObject({ 'stagegate.sink': 'log', 'stagegate.outcome': 'delivered' });
  expect(stderr).toMatch(new RegExp(`"trace_id":"${delivery?.traceId ?? ''}".*needs a person`));
});

test('no command stands in a trace', () => {
  expect(spans.length).toBeGreaterThan(10);
  expect(readFileSync(file, 'utf8')).not.toContain(SECRET);
});
