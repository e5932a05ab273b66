import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastJson, runCli, startCli, startService, type RunningService } from '../support/cli';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(240_000);

const root = mkdtempSync(join(tmpdir(), 'stagegate-work-test-'));
const sample = new SampleRepository();
const file = join(root, 'stagegate.yml');
const entryStages = ['development', 'review', 'testing'];
const staging = { suite: 'true', minIsolation: 'none' };
writeFileSync(file, JSON.stringify({ version: 1, projects: { web: { repo: sample.dir, entryStages, staging } } }));
const env = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: file,
  STAGEGATE_PORT: '0',
  STAGEGATE_LOG_LEVEL: 'error',
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@localhost',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@localhost',
};
let service: RunningService;

beforeAll(async () => {
  service = await startService(env);
});
afterAll(async () => {
  await service.stop();
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

const run = (...args: string[]) => runCli(args, env, root);
interface Shown {
  readonly entry: {
    readonly stage: string;
    readonly owner: string | null;
    readonly why: { readonly do: string | null };
  };
  readonly state: { readonly claim: object | null; readonly spent: object; readonly verdicts: object };
  readonly events: readonly { readonly type: string; readonly data: Record<string, unknown> }[];
}
const show = async (id: string) => lastJson(await run('show', id, '--json')) as Shown;
let count = 0;
const submitted: string[] = [];

async function submit(startStage: string): Promise<string> {
  count += 1;
  const branch = `feature-${count}`;
  sample.commit(branch, { [`${branch}.txt`]: `${count}\n` }, 'main');
  const told = await run(
    'submit',
    branch,
    '--project',
    'web',
    '--id',
    `T${count}`,
    '--start-stage',
    startStage,
    '--json',
  );
  const { id } = lastJson(told) as { id: string };
  submitted.push(id);
  return id;
}

const APPROVE = `printf -- '---\\nreview_status: APPROVED\\n---\\n' > "$STAGEGATE_ARTIFACT_DIR/12-review.md"`;
const worker = (role: string, script: string, ...more: string[]) =>
  run('work', '--role', role, '--once', '--json', ...more, '--', 'sh', '-c', script);
const typesOf = ({ events }: Shown) => events.map(({ type }) => type);

/** Whatever a test has left would be taken by the next one, now or after a pause. */
afterEach(async () => {
  for (const task of submitted.splice(0)) await run('cancel', task);
});

it('a task whose branch is deleted is offered to nobody, until the branch is there again', async () => {
  const id = await submit('review');
  const branch = `feature-${count}`;
  const head = sample.head(branch);
  const whyUntil = async (code: string): Promise<string | null> => {
    for (;;) {
      const told = lastJson(await run('why', id, '--json')) as { code: string; do: string | null };
      if (told.code === code) return told.do;
    }
  };
  const offered = async () => (lastJson(await run('work', 'list', '--json')) as { items: { task: string }[] }).items;
  expect(await whyUntil('no-agent:reviewer')).toContain(`stagegate work take ${id}`);
  sample.git(['update-ref', '-d', `refs/heads/${branch}`], sample.dir);
  expect(await whyUntil('branch-gone')).toBe(`push ${branch} again`);
  expect((await offered()).filter(({ task }) => task === id)).toEqual([]);
  sample.git(['update-ref', `refs/heads/${branch}`, head ?? ''], sample.dir);
  expect(await whyUntil('no-agent:reviewer')).toContain(`stagegate work take ${id}`);
});

describe('a worker in one line', () => {
  it('takes work, has a command do it in a clone, and hands it in', async () => {
    const id = await submit('review');
    expect((await show(id)).entry.why.do).toContain(`stagegate work take ${id}`);
    const seen = join(root, 'seen');
    const script = `env | grep ^STAGEGATE_ | cut -d= -f1 | sort > ${seen}; git diff --stat main... >> ${seen}; git remote >> ${seen}; ${APPROVE}`;
    const told = await worker('reviewer', script);
    expect([told.code, lastJson(told)]).toEqual([
      0,
      expect.objectContaining({ task: id, outcome: 'completed', verdict: 'APPROVED' }),
    ]);
    const text = readFileSync(seen, 'utf8');
    expect(text).toContain('STAGEGATE_ARTIFACT_DIR\n');
    expect(text).toContain('STAGEGATE_PROMPT_FILE\n');
    expect(text).toContain('STAGEGATE_ROLE\n');
    // Nothing by which it could reach the service, and nowhere to push to.
    expect(text).not.toMatch(/STATE_DIR|PROJECTS|TOKEN|SECRET|origin/);
    expect(text).toContain(`feature-${count}.txt`);
    const shown = await show(id);
    expect(shown.entry.stage).toBe('testing');
    expect(typesOf(shown)).toContain('VerdictRecorded');
  });

  it('pushes what a developer has committed', async () => {
    const id = await submit('development');
    const told = await worker('developer', 'echo more > more.txt && git add more.txt && git commit -qm more');
    expect([told.stderr, lastJson(told)]).toEqual([
      expect.any(String),
      expect.objectContaining({ task: id, outcome: 'completed' }),
    ]);
    const head = (lastJson(told) as { headOid: string }).headOid;
    expect(head).toBe(sample.head(`feature-${count}`));
    expect((await show(id)).entry.stage).toBe('review');
  });

  it.each([
    ['ends with an error', 'exit 3', /exit code 3/],
    ['leaves no artifact', 'true', /no usable 12-review.md/],
    ['leaves what is no verdict', `printf 'APPROVED' > "$STAGEGATE_ARTIFACT_DIR/12-review.md"`, /front-matter/],
    [
      'leaves what is not UTF-8',
      `printf -- '---\\nreview_status: APPROVED\\n---\\n\\377\\n' > "$STAGEGATE_ARTIFACT_DIR/12-review.md"`,
      /not UTF-8/,
    ],
    [
      'begins with a byte-order mark',
      `printf -- '\\357\\273\\277---\\nreview_status: APPROVED\\n---\\n' > "$STAGEGATE_ARTIFACT_DIR/12-review.md"`,
      /front-matter/,
    ],
    [
      'leaves what cannot be stored',
      `printf -- '---\\nreview_status: APPROVED\\n---\\n\\0\\n' > "$STAGEGATE_ARTIFACT_DIR/12-review.md"`,
      /NUL/,
    ],
    [
      'leaves more than can be sent',
      `{ printf -- '---\\nreview_status: APPROVED\\n---\\n'; yes x | head -c 900000; } > "$STAGEGATE_ARTIFACT_DIR/12-review.md"`,
      /at most 1048576 bytes/,
    ],
    [
      'leaves a token',
      `printf -- '---\\nreview_status: APPROVED\\n---\\nsgt_${'a'.repeat(64)}\\n' > "$STAGEGATE_ARTIFACT_DIR/12-review.md"`,
      /no token/,
    ],
    ['leaves a link', `ln -s /etc/passwd "$STAGEGATE_ARTIFACT_DIR/12-review.md"`, /no usable/],
    [
      'leaves the artifact of another task',
      `printf -- '---\\nreview_status: APPROVED\\ntask: web.other\\n---\\n' > "$STAGEGATE_ARTIFACT_DIR/12-review.md"`,
      /task is "web.other"/,
    ],
  ])('a command that %s has failed, within the budget of agents', async (_what, script, reason) => {
    const id = await submit('review');
    const told = await worker('reviewer', script);
    expect(told.code).toBe(1);
    expect(lastJson(told)).toMatchObject({
      task: id,
      outcome: 'failed',
      reason: expect.stringMatching(reason) as string,
    });
    const { state } = await show(id);
    expect(state).toMatchObject({ claim: null, spent: { 'agent:review': 1 }, verdicts: {} });
  });

  it('a command that cannot be started gives the work back, and ends the worker in one line', async () => {
    const id = await submit('review');
    const told = await run('work', '--role', 'reviewer', '--', '/nowhere/at/all');
    expect([told.code, told.stderr]).toEqual([2, expect.stringContaining('the command cannot be run here')]);
    expect((await show(id)).state).toMatchObject({ claim: null, spent: {} });
  });

  it('a repository that cannot be reached is told before anything is taken', async () => {
    const id = await submit('review');
    const told = await worker('reviewer', APPROVE, '--clone-from', join(root, 'nowhere.git'));
    expect([told.code, told.stderr]).toEqual([2, expect.stringMatching(/to be reached from here.*--clone-from/)]);
    expect(typesOf(await show(id))).not.toContain('TransitionClaimed');
  });

  it('a branch that moves meanwhile is lost to it, and nothing is spent', async () => {
    const id = await submit('review');
    const told = await worker(
      'reviewer',
      `git -C ${sample.dir} update-ref refs/heads/feature-${count} main; ${APPROVE}`,
    );
    expect([told.code, lastJson(told)]).toEqual([1, expect.objectContaining({ task: id, outcome: 'lost' })]);
    expect((await show(id)).state).toMatchObject({ claim: null, spent: {} });
  });

  it('told to stop it ends the command, and gives the work back', async () => {
    const id = await submit('review');
    const running = startCli(['work', '--role', 'reviewer', '--json', '--', 'sleep', '600'], env, root);
    await running.saw(/taken as reviewer/);
    await until(async () => (await show(id)).entry.owner !== null);
    expect((await show(id)).entry.owner).toMatch(/^[^/]+\/[0-9a-f]{8}$/);
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect([ended.code, lastJson(ended)]).toEqual([130, expect.objectContaining({ task: id, outcome: 'released' })]);
    expect((await show(id)).state).toMatchObject({ claim: null, spent: {} });
  });

  it('elsewhere it has a token with scope work, which lets it do nothing else', async () => {
    const id = await submit('review');
    const far = async (...grant: string[]) => {
      const made = lastJson(await run('token', 'create', ...grant, '--json')) as { token: string };
      const [, url = ''] = await service.saw(/"url":"([^"]+)"/);
      const more = { STAGEGATE_SERVICE: url, STAGEGATE_TOKEN: made.token };
      return (...args: string[]) => runCli(args, { ...more, STAGEGATE_STATE_DIR: join(root, 'none') }, root);
    };
    const reader = await far('reader', '--scope', 'read');
    const refused = await reader('work', '--role', 'reviewer', '--once', '--', 'true');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('expected the right to work')]);

    const bot = await far('bot', '--scope', 'work', '--project', 'web', '--kind', 'agent');
    const script = `! env | grep -i token && ${APPROVE}`;
    const told = await bot('work', '--role', 'reviewer', '--once', '--json', '--', 'sh', '-c', script);
    expect([told.code, lastJson(told)]).toEqual([0, expect.objectContaining({ task: id, outcome: 'completed' })]);
    expect((await bot('hold', id)).stderr).toContain('expected the right to operate');
    const { events } = await show(id);
    expect(events.find(({ type }) => type === 'AgentJobFinished')).toMatchObject({ actor: 'bot' });
  });

  it('with nothing to take it says so, or waits', async () => {
    const told = await worker('tester', 'true', '--project', 'web');
    expect([told.code, told.stderr]).toEqual([0, expect.stringContaining('nothing to take for a tester')]);
  });

  it.each([
    [['work', '--role', 'boss', '--', 'true'], /--role: expected one of analyst/],
    [['work', '--role', 'reviewer'], /missing required argument 'command'/],
    [['work', '--', 'true'], /required option '--role/],
    [['work', '--role', 'reviewer', '--timeout', 'soon', '--', 'true'], /--timeout: expected a duration/],
    [['work', 'take', 'web.none'], /web.none: no such task/],
    [['work', 'take', 'api.T1'], /project: expected one of web/],
    [['work', 'complete', '/tmp'], /folder: expected one that stagegate work take has made/],
  ] as const)('a mistake is told in a line: %j', async (args, line) => {
    const told = await run(...args);
    expect([told.code, told.stderr]).toEqual([2, expect.stringMatching(line)]);
  });
});

describe('over HTTP', () => {
  it('a body over the limit is refused, and the claim is left as it was', async () => {
    const id = await submit('review');
    const made = lastJson(await run('token', 'create', 'curl', '--scope', 'work', '--json')) as { token: string };
    const [, url = ''] = await service.saw(/"url":"([^"]+)"/);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${made.token}` };
    const post = (path: string, body: object) =>
      fetch(new URL(path, url), { method: 'POST', headers, body: JSON.stringify(body) });
    const { claim, secret } = (await (await post('/v1/work', { task: id })).json()) as {
      claim: string;
      secret: string;
    };
    const large = await post(`/v1/work/${id}/complete`, { claim, secret, artifact: 'x'.repeat(1_100_000) });
    expect([large.status, await large.json()]).toEqual([
      413,
      expect.objectContaining({
        code: 'bad-request',
        detail: expect.stringMatching(/at most 1048576 bytes/) as string,
      }),
    ]);
    const odd = await post(`/v1/work/${id}/complete`, { claim, secret, artifact: 7 });
    expect(odd.status).toBe(400);
    expect(JSON.stringify(await odd.json())).not.toContain(secret);
    expect((await show(id)).state.claim).not.toBeNull();
    expect((await post(`/v1/work/${id}/release`, { claim, secret, reason: 'done' })).status).toBe(200);
  });
});

test('without a service the verbs work on the store itself', async () => {
  const direct = { ...env, STAGEGATE_STATE_DIR: join(root, 'direct') };
  const alone = (...args: string[]) => runCli(args, direct, root);
  sample.commit('alone', { 'alone.txt': 'x\n' }, 'main');
  await alone('submit', 'alone', '--project', 'web', '--id', 'A1', '--start-stage', 'review');
  expect((await alone('work', 'list')).stdout).toContain('web.A1');
  const dir = join(root, 'alone-work');
  expect((await alone('work', 'take', 'web.A1', '--dir', dir, '--detach')).stdout).toContain('you have taken');
  writeFileSync(join(dir, '12-review.md'), '---\nreview_status: APPROVED\n---\n');
  expect((await alone('work', 'complete', dir)).stdout).toBe('web.A1 completed: APPROVED\n');
});

describe('by hand', () => {
  it('work is taken into a folder, kept while it is done, and handed in from there', async () => {
    const id = await submit('review');
    const running = startCli(['work', 'take', id], env, root);
    await running.saw(/then +stagegate work complete/);
    const dir = join(root, id);
    expect(readFileSync(join(dir, 'brief.md'), 'utf8')).toContain(id);
    expect(statSync(join(dir, 'claim.json')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(dir, 'repo', `feature-${count}.txt`))).toBe(true);
    expect((await run('work', 'take', id, '--dir', join(root, 'other'))).stderr).toContain('expected work');
    expect((await run('work', 'heartbeat', dir)).stdout).toContain(`${id} is yours until`);

    expect((await run('work', 'complete', dir)).stderr).toMatch(
      /artifact: expected a plain file at .*12-review.md, saw it missing/,
    );
    writeFileSync(join(dir, '12-review.md'), '---\nreview_status: APPROVE\n---\n');
    expect((await run('work', 'complete', dir)).stderr).toContain('expected APPROVED or REQUEST_CHANGES; correct it');
    writeFileSync(join(dir, '12-review.md'), '---\nreview_status: APPROVED\n---\n');
    expect(await run('work', 'complete', dir)).toMatchObject({ code: 0, stdout: `${id} completed: APPROVED\n` });
    expect((await running.ended).code).toBe(0);
    expect((await show(id)).entry.stage).toBe('testing');
    expect((await run('work', 'complete', dir)).code).toBe(2);
  });

  it('the claim outlives a stop of the service, which leaves it alone', async () => {
    const id = await submit('review');
    const dir = join(root, 'outlives');
    await run('work', 'take', id, '--dir', dir, '--detach');
    const claimed = (await show(id)).entry.owner;
    service.child.kill('SIGTERM');
    expect((await service.ended).code).toBe(0);
    // Whoever opens the store itself is somebody else.
    expect((await run('work', 'heartbeat', dir)).stderr).toMatch(/expected one that .* has taken, and its secret/);
    service = await startService(env);
    expect((await show(id)).entry.owner).toBe(claimed);
    writeFileSync(join(dir, '12-review.md'), '---\nreview_status: REQUEST_CHANGES\n---\n');
    expect((await run('work', 'complete', dir)).stdout).toBe(`${id} completed: REQUEST_CHANGES\n`);
    expect((await show(id)).entry.stage).toBe('development');
  });

  it('Ctrl-C gives it back', async () => {
    const id = await submit('review');
    const running = startCli(['work', 'take', id], env, root);
    await running.saw(/Ctrl-C gives the work back/);
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    const { state } = await show(id);
    expect(state).toMatchObject({ claim: null, spent: {} });
  });

  it('a person commits in the clone, and completing pushes', async () => {
    const id = await submit('development');
    const dir = join(root, 'dev');
    await run('work', 'take', id, '--dir', dir, '--detach');
    expect((await run('work', 'complete', dir)).stderr).toContain('expected a commit on');
    writeFileSync(join(dir, 'repo', 'by-hand.txt'), 'x\n');
    sample.git(['add', '-A'], join(dir, 'repo'));
    sample.git(['commit', '-qm', 'by hand'], join(dir, 'repo'));
    expect((await run('work', 'complete', dir)).stdout).toContain(
      `${id} completed: ${sample.head(`feature-${count}`)}`,
    );
    expect((await show(id)).entry.stage).toBe('review');
  });

  it('work that was failed or released says so', async () => {
    const id = await submit('review');
    const dir = join(root, 'given-up');
    await run('work', 'take', id, '--dir', dir, '--detach');
    expect((await run('work', 'release', dir, '--reason', 'lunch')).stdout).toBe(`${id} released: lunch\n`);
    rmSync(dir, { recursive: true });
    await run('work', 'take', id, '--dir', dir, '--detach');
    expect((await run('work', 'fail', dir, '--reason', 'cannot')).stdout).toBe(`${id} failed: cannot\n`);
  });
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((done) => setTimeout(done, 200));
}
