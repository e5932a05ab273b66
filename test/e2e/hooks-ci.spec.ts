import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOOK_TABLE } from '../../src/domain/hooks/hook-table';
import { until } from '../contract/support/until';
import { startService, type RunningService } from '../support/cli';
import { orderHeaders } from '../support/operator';
import { SampleRepository } from '../support/sample-repository';
import { HOOK_SECRETS, sendHook, type Sent } from '../support/signed-hooks';

jest.setTimeout(180_000);

const sample = new SampleRepository();
const stateDir = join(sample.root, 'state');
const env = {
  STAGEGATE_STATE_DIR: stateDir,
  STAGEGATE_PROJECTS: join(sample.root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
};
let service: RunningService;

beforeAll(async () => {
  mkdirSync(join(sample.root, 'secrets'));
  const secret = (source: 'github' | 'gitea') => {
    const file = join(sample.root, 'secrets', source);
    writeFileSync(file, HOOK_SECRETS[source], { mode: 0o600 });
    return { secrets: [{ file }] };
  };
  const web = {
    repo: sample.dir,
    entryStages: ['development', 'deploy-staging'],
    staging: { suite: 'true', minIsolation: 'none' },
    ci: { requiredChecks: ['build'] },
    hooks: { github: secret('github'), gitea: secret('gitea') },
  };
  writeFileSync(env.STAGEGATE_PROJECTS, JSON.stringify({ version: 1, projects: { web } }));
  service = await startService(env);
});
afterAll(async () => {
  await service.stop();
  sample.dispose();
});

async function ask<T>(path: string): Promise<T> {
  return (await (await fetch(service.url + path)).json()) as T;
}

async function submit(id: string, startStage = 'development'): Promise<void> {
  const body = JSON.stringify({ project: 'web', branch: id, id, startStage });
  const headers = orderHeaders(stateDir, service.url);
  expect((await fetch(`${service.url}/v1/tasks`, { method: 'POST', headers, body })).status).toBe(201);
}

interface Task {
  readonly state: { readonly stage: string; readonly headOid: string; readonly hold: { reason: string } | null };
}
interface Events {
  readonly items: readonly { readonly type: string; readonly data: Record<string, unknown> }[];
}
const task = (id: string) => ask<Task>(`/v1/tasks/web.${id}`);
const eventsOf = async (id: string) => (await ask<Events>(`/v1/tasks/web.${id}/events`)).items;
const code = async (id: string) => (await ask<{ code: string }>(`/v1/tasks/web.${id}/why`)).code;
const untilHead = (id: string, head: string) =>
  until(`${id} is at ${head}`, async () => (await task(id)).state.headOid === head, 30_000);

/** A task that waits for CI at a commit that was pushed since it began, as a webhook has told. */
async function waiting(id: string): Promise<{ readonly before: string; readonly head: string }> {
  const before = sample.push(id, { [`${id}.txt`]: 'one\n' }, 'main');
  await submit(id);
  const head = sample.push(id, { [`${id}.txt`]: 'two\n' });
  const push = { source: 'github', id: `push-${id}`, event: 'push', body: JSON.stringify({ after: head }) } as const;
  expect(await send(push)).toMatchObject({ status: 202, body: { meaning: 'look' } });
  await untilHead(id, head);
  return { before, head };
}

let ids = 0;
function checkRun(headOid: string, conclusion: string, more: Partial<Sent> & { readonly name?: string } = {}): Sent {
  ids += 1;
  const { name = 'build', ...rest } = more;
  const run = { name, status: 'completed', conclusion, head_sha: headOid, html_url: `https://ci.example/${ids}` };
  const body = JSON.stringify({ check_run: run });
  return { source: 'github', id: `run-${ids}`, event: 'check_run', body, ...rest };
}

function status(source: 'github' | 'gitea', sha: string, state: string): Sent {
  ids += 1;
  const body = JSON.stringify({ context: 'build', state, sha, target_url: `https://ci.example/${ids}` });
  return { source, id: `status-${ids}`, event: 'status', body };
}

const send = (sent: Sent) => sendHook(service.url, sent);

describe('a task that waits in development for CI', () => {
  it('moves on by a check_run of GitHub for its very commit, and by nothing else', async () => {
    const { before, head } = await waiting('run');
    const waits = await code('run');
    const useless: readonly (readonly [Sent, number])[] = [
      [checkRun(before, 'success'), 202],
      [checkRun('b'.repeat(40), 'success'), 202],
      [checkRun(head, 'success', { name: 'lint' }), 202],
      [checkRun(head, 'success', { secret: 'somebody else has this one' }), 401],
      [checkRun(head, 'success', { project: 'other' }), 401],
      [checkRun(head, 'skipped'), 202],
      [status('github', head, 'pending'), 202],
    ];
    for (const [sent, expected] of useless) expect((await send(sent)).status).toBe(expected);
    // What comes later is taken behind it: then all of that was looked at.
    expect(await send(checkRun(head, 'cancelled'))).toMatchObject({ body: { meaning: 'evidence' } });
    const said = async () =>
      (await eventsOf('run')).flatMap(({ type, data }) =>
        type === 'EvidenceRecorded' ? [(data['evidence'] as { result: string }).result] : [],
      );
    await until('the last is taken', async () => (await said()).includes('cancelled'), 30_000);
    expect([await said(), (await task('run')).state.stage]).toEqual([['skipped', 'cancelled'], 'development']);
    expect(waits).toBe(await code('run'));
    await send(checkRun(head, 'success'));
    await until('it moves on', async () => (await task('run')).state.stage !== 'development', 30_000);
  });

  it.each(['github', 'gitea'] as const)('moves on by a status of %s', async (source) => {
    const { head } = await waiting(`status-${source}`);
    await send(status(source, head, 'success'));
    await until('it moves on', async () => (await task(`status-${source}`)).state.stage !== 'development', 30_000);
  });

  it('is held for a person by what contradicts itself', async () => {
    const { head } = await waiting('torn');
    for (const conclusion of ['success', 'failure']) await send(checkRun(head, conclusion));
    const held = async () => (await task('torn')).state.hold?.reason;
    await until('it is held', async () => (await held()) === 'inconclusive', 30_000);
  });
});

describe('without any webhook', () => {
  const found = new Set<string>();
  afterAll(() => {
    // A row that polling has to make good has to be seen here.
    const due = HOOK_TABLE.filter(({ otherwise }) => otherwise === 'poll').map(({ event }) => event);
    expect([...found].sort()).toEqual([...new Set(due)].sort());
  });

  it('a push is found', async () => {
    sample.push('pushed', { 'p.txt': 'one\n' }, 'main');
    await submit('pushed');
    await untilHead('pushed', sample.push('pushed', { 'p.txt': 'two\n' }));
    found.add('push');
  });

  it('a branch that is deleted with its pull request, or comes back, is found', async () => {
    const head = sample.push('closed', { 'c.txt': 'one\n' }, 'main');
    await submit('closed');
    const waits = await code('closed');
    sample.git(['update-ref', '-d', 'refs/heads/closed'], sample.dir);
    await until('it is gone', async () => (await code('closed')) === 'branch-gone', 30_000);
    sample.git(['update-ref', 'refs/heads/closed', head], sample.dir);
    await until('it is back', async () => (await code('closed')) === waits, 30_000);
    found.add('pull_request');
  });

  it('a pull request that somebody has merged by hand is found', async () => {
    const head = sample.push('merged', { 'm.txt': 'one\n' }, 'main');
    sample.git(['update-ref', 'refs/heads/main', head], sample.dir);
    await submit('merged', 'deploy-staging');
    await until(
      'it has ended',
      async () => (await eventsOf('merged')).some(({ type }) => type === 'NothingToLand'),
      30_000,
    );
    found.add('pull_request');
  });
});
