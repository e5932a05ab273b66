import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli, startService } from '../support/cli';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

const root = mkdtempSync(join(tmpdir(), 'stagegate-artifacts-test-'));
const sample = new SampleRepository();
const env = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
  STAGEGATE_LOG_LEVEL: 'error',
};
const TEXT = 'first\n\u001b[31mred\n';
const SHA256 = createHash('sha256').update(TEXT).digest('hex');
const sent = join(root, 'junit.xml');
const out = join(root, 'out.xml');

beforeAll(() => {
  const web = { repo: sample.dir, entryStages: ['review'], staging: { suite: 'true', minIsolation: 'none' } };
  writeFileSync(env.STAGEGATE_PROJECTS, JSON.stringify({ version: 1, projects: { web } }));
  writeFileSync(sent, TEXT);
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
});
afterAll(() => {
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

const run = (...args: string[]) => runCli(args, env, root);

/** What every way of asking has to answer. */
async function asked() {
  const answers = [
    await run('artifacts', 'web.T1', '--json'),
    await run('artifacts', 'web.T1'),
    await run('artifacts', 'web.T1', 'junit.xml'),
    await run('artifacts', 'web.T1', SHA256, '--json'),
    await run('artifacts', 'web.T1', 'none.md'),
    await run('artifacts', 'web.T2'),
    await run('artifacts', 'web.T2', 'none.md'),
    await run('artifacts', 'web.T1', '--out', out),
  ];
  return answers.map(({ stdout, stderr, code }) => ({ stdout, stderr, code }));
}

test('artifacts are listed, printed and written to files, with a service and without one', async () => {
  const service = await startService(env);
  await run('submit', 'feature', '--project', 'web', '--id', 'T1', '--start-stage', 'review');
  for (const name of ['unit', 'lint'])
    await run('evidence', 'web.T1', '--name', name, '--result', 'success', '--file', sent);
  const withService = await asked();
  await service.stop();
  const [json, listed, printed, wrapped, ...refused] = await asked();

  expect(withService).toMatchObject([{ code: 0 }, listed, printed, wrapped, ...refused]);
  const items = JSON.parse(json?.stdout ?? '') as { items: readonly object[]; nextCursor: null };
  expect(items).toMatchObject({
    items: [
      { name: 'junit.xml', check: 'unit', sha256: SHA256, sizeBytes: TEXT.length, mediaType: 'application/xml' },
      { name: 'junit.xml', check: 'lint', sha256: SHA256 },
    ],
    nextCursor: null,
  });
  expect(listed?.stdout).toContain(SHA256);
  expect(printed?.stdout).toBe(TEXT);
  expect(JSON.parse(wrapped?.stdout ?? '')).toEqual({ task: 'web.T1', artifact: SHA256, text: TEXT });
  expect(refused.map(({ stderr, code }) => [code, stderr.split('\n')[0]])).toEqual([
    [2, expect.stringContaining('saw "none.md"; see the list of them')],
    [2, expect.stringContaining('expected <project>.<task> that exists, saw "web.T2"')],
    [2, expect.stringContaining('expected <project>.<task> that exists, saw "web.T2"')],
    [2, expect.stringContaining('--out: expected the artifact that is to be written there, saw none')],
  ]);

  expect(existsSync(out)).toBe(false);
  expect((await run('artifacts', 'web.T1', 'junit.xml', '--out', out)).stdout).toBe(`${out}\n`);
  expect(readFileSync(out, 'utf8')).toBe(TEXT);
  const again = await run('artifacts', 'web.T1', 'junit.xml', '--out', out);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining(`expected no file yet at ${out}, saw one`)]);
});
