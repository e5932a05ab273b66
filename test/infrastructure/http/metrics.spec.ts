import parsePrometheusTextFormat from 'parse-prometheus-text-format';
import { Scrape, type ScrapeDeps } from '../../../src/infrastructure/http/metrics/scrape';
import { Readiness } from '../../../src/infrastructure/http/readiness';
import { Metrics } from '../../../src/infrastructure/telemetry/metrics';
import { METRICS } from '../../../src/infrastructure/telemetry/metric-table';
import { LOCAL, type Principal } from '../../../src/domain/authority/principal';
import { ChainedLog } from '../../support/chained-log';
import { SampleRepository } from '../../support/sample-repository';
import { NoProjects, TestClock } from '../../projections/support/harness';
import { ServedCore } from './served-core';

interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly metrics: readonly { readonly value?: string; readonly labels?: Readonly<Record<string, string>> }[];
}

const sample = new SampleRepository();
const TITLE = 'a-title-that-is-nobodys-label';
let caller: Principal = LOCAL;
let served: ServedCore;

const HEAD = 'a1'.repeat(20);
const ALERT = { key: 'web.A@1', severity: 'critical', title: TITLE, detail: 'd' };
const EVENTS = [
  {
    type: 'TaskSubmitted',
    data: {
      taskId: 'web.A',
      project: 'web',
      title: TITLE,
      branch: 'feature',
      headOid: HEAD,
      startStage: 'deploy-staging',
      priority: 5,
      submittedBy: 'ann',
    },
  },
  {
    type: 'GateEvaluated',
    data: { gate: 'intake', rule: 'intake', ruleVersion: 1, result: 'pass', reason: null, evidence: {} },
  },
  { type: 'TaskHeld', data: { reason: 'unclassified', by: 'stagegate', detail: 'odd', budget: null } },
  { type: 'AlertRaised', data: ALERT },
];

const start = (folder?: string) => ServedCore.start(sample.dir, null, {}, () => Promise.resolve(caller), folder);

beforeAll(async () => {
  served = await start();
  const log = new ChainedLog(served.store);
  await log.appendFacts('task-web.A', ...EVENTS);
  // Of a project that this service does not have.
  await log.appendFacts('lane-elsewhere', {
    type: 'LaneGranted',
    data: { taskId: 'elsewhere.A', headOid: HEAD },
  });
  await fetch(`${served.url}/v1/tasks/web.A`);
  await fetch(`${served.url}/${TITLE}`);
});
afterAll(async () => {
  await served.stop();
  sample.dispose();
});

async function scraped(): Promise<ReadonlyMap<string, Family>> {
  const answer = await fetch(`${served.url}/metrics`);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain;.* version=0\.0\.4/);
  const families = parsePrometheusTextFormat(await answer.text()) as readonly Family[];
  return new Map(families.map((family) => [family.name, family]));
}

function valueOf(families: ReadonlyMap<string, Family>, name: string, labels: Record<string, string> = {}): number {
  const found = families
    .get(name)
    ?.metrics.filter(({ labels: has = {} }) => Object.entries(labels).every(([key, value]) => has[key] === value));
  return Number(found?.[0]?.value ?? NaN);
}

test('what is exposed is what the table has, with its types and labels', async () => {
  const families = await scraped();
  const ours = [...families.values()].filter(({ name }) => name.startsWith('stagegate_'));
  const rows = new Map(Object.values(METRICS).map((row) => [row.name, row]));
  for (const { name, type, metrics } of ours) {
    const row = rows.get(name);
    expect([name, type.toLowerCase()]).toEqual([name, row?.type]);
    // The parser gathers a histogram by its first labels, and leaves them out.
    if (row?.type !== 'histogram')
      for (const { labels = {} } of metrics)
        expect([name, Object.keys(labels).sort()]).toEqual([name, [...(row?.labels ?? [])].sort()]);
  }
  expect(ours).toHaveLength(rows.size);
  expect(families.has('process_cpu_seconds_total')).toBe(true);
});

test('names are those that Prometheus asks for', () => {
  for (const { name, type } of Object.values(METRICS)) {
    expect(name).toMatch(/^stagegate_[a-z]+(_[a-z]+)*$/);
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
  }
});

test('figures are those of the log', async () => {
  const families = await scraped();
  const seen = {
    tasks: valueOf(families, 'stagegate_tasks', { project: 'web', stage: 'created' }),
    gates: valueOf(families, 'stagegate_gate_results_total', { project: 'web', gate: 'intake', result: 'pass' }),
    holds: valueOf(families, 'stagegate_holds_total', { project: 'web', reason: 'unclassified' }),
    alerts: valueOf(families, 'stagegate_alerts_open', { project: 'web', state: 'raised', severity: 'critical' }),
    others: valueOf(families, 'stagegate_lane_held', { project: '(other)' }),
    up: valueOf(families, 'stagegate_read_models_up'),
    ready: valueOf(families, 'stagegate_ready'),
    requests: valueOf(families, 'stagegate_http_requests_total', {
      method: 'GET',
      route: '/v1/tasks/:id',
      status: '200',
    }),
    lost: valueOf(families, 'stagegate_http_requests_total', { method: 'GET', route: 'none', status: '404' }),
  };
  expect(seen).toEqual({ tasks: 1, gates: 1, holds: 1, alerts: 1, others: 1, up: 1, ready: 1, requests: 1, lost: 1 });
});

test('no name of a task, title or other text of somebody is in them', async () => {
  const text = await (await fetch(`${served.url}/metrics`)).text();
  for (const word of [TITLE, 'web.A', HEAD]) expect(text).not.toContain(word);
});

test('what comes from the log does not go back over a restart', async () => {
  const before = await scraped();
  served = await start(await served.end());
  const after = await scraped();
  const counters = Object.values(METRICS).filter(({ type, source }) => type === 'counter' && source === 'log');
  for (const { name } of counters)
    for (const { value, labels = {} } of before.get(name)?.metrics ?? [])
      expect([name, valueOf(after, name, { ...labels })]).toEqual([name, Number(value)]);
});

test('a token for some projects does not see the whole', async () => {
  caller = { name: 'ann', kind: 'agent', rights: ['read'], projects: ['web'] };
  try {
    const answer = await fetch(`${served.url}/metrics`, { headers: { authorization: `Bearer sgt_${'1'.repeat(64)}` } });
    expect([answer.status, await answer.json()]).toEqual([403, expect.objectContaining({ code: 'not-allowed' })]);
  } finally {
    caller = LOCAL;
  }
});

test('a read model that cannot be read leaves out what comes from the log, and says so', async () => {
  let isAway = false;
  const deps = {
    metrics: new Metrics(),
    models: { read: () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(FIGURES)) },
    projector: { lag: () => Promise.resolve([]) },
    subscribers: { views: () => Promise.resolve([]) },
    standings: { all: () => [] },
    projects: new NoProjects(),
    damage: { all: () => [] },
    streams: { count: 0 },
    readiness: new Readiness(),
    store: { info: { kind: 'memory', durability: 'none' } },
    clock: new TestClock(() => 0),
    version: '0',
  } as unknown as ScrapeDeps;
  const scrape = new Scrape(deps);
  expect(await scrape.text()).toContain('stagegate_tasks{project="(other)",stage="review"} 3\n');
  isAway = true;
  const without = await scrape.text();
  expect(without).toContain('stagegate_read_models_up 0\n');
  expect(without).not.toContain('stagegate_tasks{');
  isAway = false;
  expect(await scrape.text()).toContain('stagegate_read_models_up 1\n');
});

const FIGURES = Object.assign([], {
  stages: [{ project: 'web', stage: 'review', count: 3 }],
  claims: [],
  alerts: [],
  counts: new Map(),
  tallies: new Map(),
  lanes: new Map(),
});
