import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AGENT_ROLES } from '../../src/domain/task/pipeline';
import { lastJson, startService, type RunningService } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';
import { textOf } from '../docs/pages';

jest.setTimeout(180_000);

interface Shown {
  readonly entry: { readonly stage: string; readonly status: string; readonly why: { readonly text: string } };
  readonly usage: readonly { readonly role: string; readonly runs: number; readonly counted: number }[];
  readonly events: readonly { readonly type: string; readonly data: Record<string, unknown> }[];
}

const session = new CliSession();
const sample = new SampleRepository();
const root = mkdtempSync(join(tmpdir(), 'stagegate-briefs-'));
const kept = join(root, 'kept');
const env = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
  STAGEGATE_LOG_LEVEL: 'error',
  STAGEGATE_AGENT_ENV: 'PATH,HOME',
};
/** Green for one price, which is main's to change. */
const SUITE = `want=$(cat wanted.txt); test "$(cat price.txt)" = "$want" || { printf 'not ok\\nexpected %s\\n' "$want"; exit 1; }`;
let service: RunningService;

/** The script of the page, and what it was given kept beside: what each role saw, in the order of the runs. */
function script(): string {
  const [, code = ''] = /### A script for all roles\n[^]*?```sh\n([^]*?)```/.exec(textOf('docs/agents.md')) ?? [];
  const watched = `mkdir -p "${kept}"; cp "$STAGEGATE_PROMPT_FILE" "${kept}/$STAGEGATE_RUN_ID-$STAGEGATE_ROLE.md"\n`;
  return code.replace('set -eu\n', `set -eu\n${watched}`);
}

beforeAll(async () => {
  sample.commit('main', { 'wanted.txt': '100\n' });
  sample.commit('feature', { 'readme.txt': 'a shop\n' }, 'main');
  // The branch is green by itself, and red on top of this.
  sample.commit('main', { 'wanted.txt': '119\n' });
  const file = join(root, 'agent.sh');
  writeFileSync(file, script());
  chmodSync(file, 0o755);
  writeFileSync(join(root, 'tester.md'), 'TEST {{task}}.\n\n{{deliver}}\n');
  const agent = { command: [file], timeout: '60s' };
  const agents = Object.fromEntries(AGENT_ROLES.map((role) => [role, agent]));
  const web = {
    repo: sample.dir,
    staging: { suite: SUITE, minIsolation: 'none' },
    agents: { ...agents, tester: { ...agent, brief: 'tester.md' } },
  };
  writeFileSync(env.STAGEGATE_PROJECTS, JSON.stringify({ version: 1, projects: { web } }));
  service = await startService(env);
});
afterAll(async () => {
  await service.stop();
  await session.close();
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

const run = (...args: string[]) => session.run([...args, '--json'], env);
const show = async (id: string) => lastJson(await run('show', id)) as Shown;

async function atRest(id: string): Promise<Shown> {
  for (;;) {
    const shown = await show(id);
    const { stage, status } = shown.entry;
    if (stage === 'done' || status === 'held') return shown;
    await delay(100);
  }
}

test('a script that reads only its brief carries a task from created to done, with a red re-test in between', async () => {
  const description = 'A price for the shop. The suite expected 100 when this was written.';
  const told = await run('submit', 'feature', '--project', 'web', '--id', 'T1', '--description', description);
  expect(told.code).toBe(0);
  const { entry, events, usage } = await atRest('web.T1');
  expect([entry.stage, entry.why.text]).toEqual(['done', expect.any(String)]);
  const sentBack = events.filter(({ type }) => type === 'StageRolledBack').map(({ data }) => data['reason']);
  expect(sentBack).toEqual(['red']);
  expect(sample.git(['show', 'main:price.txt'], sample.dir)).toBe('119');
  const retests = events.filter(({ type }) => type === 'RetestFinished').map(({ data }) => data);
  const log = { name: '15-retest-log.md', digest: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown };
  expect(retests.map(({ outcome, artifact }) => [outcome, artifact])).toEqual([
    ['red', log],
    ...retests.slice(1).map(() => ['green', log]),
  ]);

  const ran = events.flatMap(({ type, data }) =>
    type === 'TransitionClaimed' && (data['job'] as { kind: string }).kind === 'agent'
      ? [{ runId: String(data['runId']), role: (data['job'] as { role: string }).role }]
      : [],
  );
  const promptOf = ({ runId, role }: { runId: string; role: string }) =>
    readFileSync(join(kept, `${runId}-${role}.md`), 'utf8');
  const developers = ran.filter(({ role }) => role === 'developer').map(promptOf);
  expect(developers).toHaveLength(2);
  expect(developers[0]).not.toContain('Why it came back');
  for (const part of ['check_branch_mergeable', '`red`', '`15-retest-log.md` says:', 'not ok\n', 'expected 119'])
    expect(developers[1]).toContain(part);
  // What the analyst wrote goes to those behind it, and no tree ever has a folder of ours.
  expect(developers[0]).toContain('`01-analysis.md`, `02-architecture.md`');
  expect(sample.git(['ls-tree', '-r', '--name-only', 'main'], sample.dir)).not.toContain('.stagegate');
  const testers = ran.filter(({ role }) => role === 'tester').map(promptOf);
  expect(testers[0]).toMatch(/^TEST web\.T1\.\n\nWrite one file, `\/.*\/13-test-report\.md`/);

  // The script tells its tokens: none.
  expect(usage.map(({ role, runs, counted }) => [role, runs, counted])).toEqual([
    ['analyst', 1, 1],
    ['architect', 1, 1],
    ['developer', 2, 2],
    ['reviewer', 2, 2],
    ['tester', 2, 2],
  ]);
  const queue = lastJson(await run('queue')) as { agents: { roles: unknown } };
  expect(queue.agents.roles).toEqual(usage);
  expect((await session.run(['runs', 'web.T1'], env)).stdout).toContain('0 in, 0 out');
});
