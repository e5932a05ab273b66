import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastJson, runCli, startCli } from '../support/cli';
import { SampleRepository } from '../support/sample-repository';
import { ATTRIBUTES, COMMAND_KEYS, configText, TRIGGERS } from '../infrastructure/git/planted-config';

jest.setTimeout(240_000);

const BRANCHES = ['one', 'two', 'three'];
const HOOKS = ['reference-transaction', 'post-checkout', 'pre-rebase', 'post-rewrite', 'post-index-change'];
const sample = new SampleRepository();
const root = mkdtempSync(join(tmpdir(), 'stagegate-planted-'));
const env: Record<string, string> = {
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
};
afterAll(() => {
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

/** A shell command that shows by a file that it was run. */
const sing = (name: string) => `touch '${join(root, `sung-${name.replace(/[^A-Za-z0-9.-]/g, '_')}`)}'; cat`;
const sung = () => readdirSync(root).filter((name) => name.startsWith('sung-'));

/** What the suite copies over every own clone that it finds. @returns the folder. */
function poison(): string {
  const dir = join(root, 'poison');
  for (const folder of ['hooks', 'info', 'objects/info']) mkdirSync(join(dir, folder), { recursive: true });
  const keys = [...COMMAND_KEYS, ...Object.keys(TRIGGERS)];
  const more = '[extensions]\n\tworktreeConfig = true\n[include]\n\tpath = included\n';
  writeFileSync(join(dir, 'config'), configText(keys, sing) + more);
  for (const name of ['included', 'config.worktree']) writeFileSync(join(dir, name), configText(keys, sing));
  writeFileSync(join(dir, 'info/attributes'), ATTRIBUTES);
  writeFileSync(join(dir, 'objects/info/alternates'), `${sample.dir}/objects\n`);
  for (const hook of HOOKS)
    writeFileSync(join(dir, 'hooks', hook), `#!/bin/sh\n${sing(`hook-${hook}`)}\n`, { mode: 0o755 });
  return dir;
}

it('suites that write into the own clones while the service works run nothing, and keep nobody from landing', async () => {
  for (const branch of BRANCHES)
    sample.commit(branch, { [`${branch}.txt`]: `${branch}\n`, '.gitattributes': ATTRIBUTES }, 'main');
  sample.commit('main', { 'later.txt': 'later\n' });
  // Once in each run, whichever job it belongs to: of three tasks that are under way at the same time.
  const suite = `for own in '${join(root, 'state/repos')}'/*.git; do cp -r '${poison()}/.' "$own/" && echo x >> '${join(root, 'times')}'; done`;
  const web = { repo: sample.dir, entryStages: ['deploy-staging'], staging: { suite }, backoff: { base: '1s' } };
  writeFileSync(join(root, 'stagegate.yml'), JSON.stringify({ version: 1, projects: { web } }));
  const service = startCli(['up', '--json'], env, root);
  await service.saw(/"url":"/);
  try {
    for (const branch of BRANCHES) {
      const args = ['submit', branch, '--project', 'web', '--id', branch, '--start-stage', 'deploy-staging'];
      expect((await runCli(args, env, root)).code).toBe(0);
    }
    for (const branch of BRANCHES) expect(await endOf(branch)).toMatchObject({ code: 'done' });
  } finally {
    service.child.kill('SIGTERM');
  }
  const { code, stderr } = await service.ended;
  expect({ code, sung: sung() }).toEqual({ code: 0, sung: [] });
  expect(stderr).toContain('config is not as it was written');
  for (const branch of BRANCHES) expect(sample.git(['ls-tree', 'main', `${branch}.txt`], sample.dir)).not.toBe('');
});

/** @returns the `why` of a task that nothing but a person would move any further. */
async function endOf(branch: string): Promise<unknown> {
  for (;;) {
    const said = lastJson(await runCli(['why', `web.${branch}`, '--json'], env, root)) as { status: string };
    if (['finished', 'held', 'blocked'].includes(said.status)) return said;
  }
}
