import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { readUpFiles } from '../../src/cli/up-file';
import { until } from '../contract/support/until';
import { SampleRepository } from '../support/sample-repository';
import { announceUntested } from '../support/usable-levels';
import { testWherePossible } from '../support/test-where-possible';

jest.setTimeout(120_000);

const CLI = resolve(__dirname, '../../dist/cli.js');
/** No account has it, and no group: containers of some platforms get such ids at random. */
const UID = 1_234_567_890;
const AS_NOBODY = [`--reuid=${UID}`, `--regid=${UID}`, '--clear-groups', process.execPath];
/** Nothing else: no HOME, no USER. */
const ENVIRONMENT = { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' };

const sample = new SampleRepository();
const root = mkdtempSync(join(tmpdir(), 'stagegate-no-account-'));
const env = {
  ...ENVIRONMENT,
  STAGEGATE_STATE_DIR: join(root, 'state'),
  STAGEGATE_PROJECTS: join(root, 'stagegate.yml'),
  STAGEGATE_PORT: '0',
};

beforeAll(() => {
  sample.commit('one', { 'one.txt': 'x\n' }, 'main');
  sample.commit('two', { 'two.txt': 'x\n' }, 'main');
  sample.commit('three', { 'three.txt': 'x\n' }, 'main');
  sample.commit('four', { 'four.txt': 'x\n' }, 'main');
  const web = { repo: sample.dir, entryStages: ['created', 'deploy-staging'], staging: { suite: 'echo said' } };
  writeFileSync(join(root, 'stagegate.yml'), JSON.stringify({ version: 1, projects: { web } }));
  if (OBSTACLE === null) execFileSync('chown', ['-R', `${UID}:${UID}`, root, sample.root]);
});
afterAll(() => {
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

const OBSTACLE = obstacle();

function obstacle(): string | null {
  if (process.getuid?.() !== 0) return 'only root can take another user id';
  const { status } = spawnSync('setpriv', [...AS_NOBODY, CLI, '--version']);
  return status === 0 ? null : 'setpriv is not there, or others may not read this program';
}

async function run(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('setpriv', [...AS_NOBODY, CLI, ...args], { cwd: root, env });
  return stdout;
}

const asNobody = (name: string, work: () => Promise<void>) => {
  testWherePossible(OBSTACLE, name, work);
};

describe('a user without an account and without a home', () => {
  asNobody('is one: nothing knows its name or its home', async () => {
    const ask = "const os = require('os'); try { os.userInfo() } catch ({ code }) { console.log(code) }";
    const { stdout } = await promisify(execFile)('setpriv', [...AS_NOBODY, '-e', ask], { env });
    expect(stdout).toBe('ERR_SYSTEM_ERROR\n');
  });

  asNobody('lands, with a rebase and a re-test', async () => {
    for (const branch of ['one', 'two'])
      expect(await run('land', branch, '--repo', sample.dir, '--suite', 'true')).toMatch(/^landed: /);
  });

  asNobody('runs the service, and reads and operates it by its own and by any other door', async () => {
    const service = spawn('setpriv', [...AS_NOBODY, CLI, 'up'], { cwd: root, env, stdio: 'ignore' });
    const ended = once(service, 'exit');
    try {
      await until('it is up', () => readUpFiles(join(root, 'state')).length > 0, 60_000);
      expect(await run('submit', 'three', '--project', 'web', '--id', 'T', '--start-stage', 'deploy-staging')).toMatch(
        /^web\.T submitted/,
      );
      expect(await run('submit', 'three', '--project', 'web', '--id', 'U')).toMatch(/^web\.U submitted/);
      await until('it has landed', async () => (await run('why', 'web.T')).includes('done'), 60_000);
      expect(await run('hold', 'web.U', '--json')).toContain('"id":"web.U"');
      expect(await run('show', 'web.U')).toContain('held by local');
      expect(await run('cancel', 'web.U')).toMatch(/^web\.U cancelled/);
      const { items } = JSON.parse(await run('runs', 'web.T', '--json')) as { items: { runId: string }[] };
      expect(await run('log', items.at(-1)?.runId ?? '')).toBe('said\n');
    } finally {
      service.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    }
    expect(await run('queue')).toContain('0 open, 1 done, 1 cancelled');
    expect(await run('rebuild')).toContain('queue: generation 2 is live');
    expect(await run('audit', 'export', '--out', join(root, 'log.jsonl'))).toContain('log.jsonl: ');
  });

  asNobody(
    'cannot, as a suite, see the secret of the operator, those of webhooks or the log, and not undo that',
    async () => {
      if (/operator's secret/.test(await run('doctor'))) {
        announceUntested('hiding files from runs of a user');
        return;
      }
      const found = join(root, 'found');
      const stateDir = join(root, 'state');
      const look = `cat ${stateDir}/operator/* ${stateDir}/events.db ${root}/secrets/*; echo forged >> ${stateDir}/events.db`;
      const suite = [
        look,
        `umount ${stateDir}/operator; umount ${stateDir}/events.db; umount ${root}/secrets; ${look}`,
        `unshare -Urm sh -c 'umount ${stateDir}/operator; umount ${stateDir}/events.db; umount ${root}/secrets; ${look}; mount --bind ${stateDir} /mnt; cat /mnt/operator/*'`,
      ].join('; ');
      const staging = { suite: `(${suite}) >${found} 2>&1; test -s ${found}`, minIsolation: 'L2' };
      mkdirSync(join(root, 'secrets'));
      writeFileSync(join(root, 'secrets', 'github'), 'whsec of the webhooks of GitHub');
      const hooks = { github: { secrets: [{ file: join(root, 'secrets', 'github') }] } };
      const web = { repo: sample.dir, entryStages: ['deploy-staging'], staging, hooks };
      execFileSync('chown', ['-R', `${UID}:${UID}`, join(root, 'secrets')]);
      writeFileSync(join(root, 'stagegate.yml'), JSON.stringify({ version: 1, projects: { web } }));
      const service = spawn('setpriv', [...AS_NOBODY, CLI, 'up'], { cwd: root, env, stdio: 'ignore' });
      const ended = once(service, 'exit');
      try {
        await until('it is up', () => readUpFiles(stateDir).length > 0, 60_000);
        await run('submit', 'four', '--project', 'web', '--id', 'L', '--start-stage', 'deploy-staging');
        await until('it has landed', async () => (await run('why', 'web.L')).includes('done'), 60_000);
        expect(readFileSync(found, 'latin1')).not.toMatch(/sgt_|TaskSubmitted|SQLite format|whsec/);
      } finally {
        service.kill('SIGTERM');
        expect(await ended).toEqual([0, null]);
      }
      expect(await run('audit', 'export', '--out', join(root, 'later.jsonl'))).toContain('later.jsonl: ');
    },
  );

  asNobody('runs the demo, whose agent commits', async () => {
    expect(await run('demo', '--once')).toMatch(/shop-bots\.discount +landed .* as announced/);
  });

  asNobody('is told by doctor what its tools may miss', async () => {
    const said = await run('doctor');
    expect(said).toMatch(new RegExp(`^warn +user +uid ${UID}, which no account belongs to; home none$`, 'm'));
    expect(said).toMatch(new RegExp(`^ +HOME: expected a folder that uid ${UID} may write, saw none; set HOME: `, 'm'));
    expect(said).not.toMatch(/^fail/m);
  });
});
