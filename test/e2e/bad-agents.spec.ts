import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TaskEventData, TaskEventType } from '../../src/domain/task/task.events';
import { lastJson, startService, type RunningService } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(240_000);

/** The text of a mark that everything started by an agent that leaves something behind has in its environment. */
const LEFT_BEHIND = 'STAGEGATE_TASK=daemon.';
const FILE = '"$STAGEGATE_ARTIFACT_DIR/12-review.md"';
const approved = (lines = '') => `printf -- '---\\nreview_status: APPROVED\\n${lines}---\\n' > ${FILE}`;

/** What a reviewer does, and as what it is recorded: the reason of an error, or the verdict. */
const AGENTS: Readonly<Record<string, readonly [script: string, recorded: string]>> = {
  'two-keys': [approved('review_status: REQUEST_CHANGES\\n'), 'malformed-artifact'],
  'other-task': [approved('task: web.OTHER\\n'), 'malformed-artifact'],
  'other-commit': [approved(`subject_oid: ${'a'.repeat(40)}\\n`), 'malformed-artifact'],
  escapes: [approved('summary: \\033[2Jall good\\n'), 'malformed-artifact'],
  'no-utf8': [approved('summary: \\377\\n'), 'malformed-artifact'],
  elsewhere: [`${approved()}; mv ${FILE} ./12-review.md; cp 12-review.md "$STAGEGATE_ARTIFACT_DIR/.."`, 'no-artifact'],
  link: [`${approved()}; mv ${FILE} ./r.md; ln -s "$PWD/r.md" ${FILE}`, 'no-artifact'],
  'hard-link': [`${approved()}; ln ${FILE} "$STAGEGATE_ARTIFACT_DIR/second"`, 'no-artifact'],
  pipe: [`mkfifo ${FILE}`, 'no-artifact'],
  nothing: ['true', 'no-artifact'],
  fails: [`${approved()}; exit 3`, 'exit-code'],
  signal: [`${approved()}; kill -9 $$`, 'killed_externally'],
  endless: [`${approved()}; while :; do sleep 1; done`, 'timeout'],
  loud: [`head -c 2147483648 /dev/zero; ${approved()}`, 'APPROVED'],
  daemon: [`(setsid sleep 1000 > /dev/null 2>&1 &); ${approved()}`, 'APPROVED'],
  'half-usage': [`${approved()}; printf '{"type":"result","usage":{"input_tokens": 12'`, 'APPROVED'],
  'absurd-usage': [`${approved()}; echo '{"usage": {"inputTokens": 1e99, "outputTokens": -1}}'`, 'APPROVED'],
  'odd-usage': [`${approved()}; printf '{"usage": {"model": "\\377"}}\\n'`, 'APPROVED'],
};
const NAMES = Object.keys(AGENTS);

interface Shown {
  readonly entry: { readonly stage: string; readonly status: string };
  readonly events: readonly { readonly type: string; readonly data: object }[];
}

const session = new CliSession();
const sample = new SampleRepository();
const root = mkdtempSync(join(tmpdir(), 'stagegate-bad-agents-'));
const env = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
  STAGEGATE_LOG_LEVEL: 'error',
};
let service: RunningService;

beforeAll(async () => {
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  const projects = NAMES.map((name) => {
    const reviewer = { command: AGENTS[name]?.[0], timeout: name === 'endless' ? '1s' : '120s', grace: '200ms' };
    const rest = { entryStages: ['review'], staging: { suite: 'true' }, budgets: { agent: 0 } };
    return [name, { repo: sample.dir, ...rest, agents: { reviewer } }];
  });
  writeFileSync(
    env.STAGEGATE_PROJECTS,
    JSON.stringify({ version: 1, projects: Object.fromEntries(projects) as object }),
  );
  service = await startService(env);
  for (const name of NAMES) {
    const args = ['submit', 'feature', '--project', name, '--id', 'T1', '--start-stage', 'review', '--json'];
    expect(await session.run(args, env)).toMatchObject({ code: 0 });
  }
});
afterAll(async () => {
  await service.stop();
  await session.close();
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

/** The task, when its reviewer has had its one try. */
async function reviewed(project: string): Promise<Shown> {
  for (;;) {
    const shown = lastJson(await session.run(['show', `${project}.T1`, '--json'], env)) as Shown;
    if (shown.entry.status === 'held' || shown.entry.stage !== 'review') return shown;
    await delay(100);
  }
}

function dataOf<T extends TaskEventType>(shown: Shown, type: T): TaskEventData[T] | undefined {
  return shown.events.find((event) => event.type === type)?.data as TaskEventData[T] | undefined;
}

describe('what a reviewer does is recorded as what it is', () => {
  it.each(NAMES.map((name) => [name, AGENTS[name]?.[1] ?? '']))('%s: %s', async (name, recorded) => {
    const shown = await reviewed(name);
    const verdict = dataOf(shown, 'VerdictRecorded');
    expect(dataOf(shown, 'AgentJobErrored')?.reason ?? verdict?.status).toBe(recorded);
    // Nothing is believed that was not proven.
    if (recorded !== 'APPROVED') expect(verdict).toBeUndefined();
  });

  it('who is loud is cut short on disk only', async () => {
    const { run } = dataOf(await reviewed('loud'), 'AgentJobFinished') ?? {};
    const log = readdirSync(join(env.STAGEGATE_STATE_DIR, 'runs')).find((file) => file.startsWith(run?.runId ?? '-'));
    expect(statSync(join(env.STAGEGATE_STATE_DIR, 'runs', log ?? '')).size).toBeLessThan(70 * 1024 * 1024);
  });

  it('who leaves a process behind has it ended, and counted', async () => {
    const { run } = dataOf(await reviewed('daemon'), 'AgentJobFinished') ?? {};
    expect(processesWith(LEFT_BEHIND)).toEqual([]);
    expect(run?.leaked).toBeGreaterThanOrEqual(1);
  });

  it.each([
    ['half-usage', /expected whole JSON/],
    ['absurd-usage', /inputTokens: expected a whole number from 0 to 1000000000000, saw 1e\+99/],
    ['odd-usage', /expected UTF-8/],
  ])('%s costs the run nothing: why it is not counted is noted', async (name, note) => {
    const finished = dataOf(await reviewed(name), 'AgentJobFinished');
    expect([finished?.usage, finished?.usageNote]).toEqual([undefined, expect.stringMatching(note)]);
  });
});

/** Processes whose environment holds the text, by /proc. */
function processesWith(text: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const isDead = /\) [ZX] /.test(readFileSync(`/proc/${name}/stat`, 'latin1'));
      return !isDead && readFileSync(`/proc/${name}/environ`, 'latin1').includes(text);
    } catch {
      // It ended meanwhile.
      return false;
    }
  });
}
