import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, textOf } from '../docs/pages';
import { environment, startProgram } from '../support/cli';
import { freePort } from '../support/free-port';
import { SampleRepository } from '../support/sample-repository';
import { readDockerfile } from './dockerfile';

jest.setTimeout(60_000);

const FILE = readDockerfile(textOf('Dockerfile'));
const root = mkdtempSync(join(tmpdir(), 'stagegate-image-'));
const app = join(root, 'app');
const sample = new SampleRepository();
let env: Record<string, string>;

/** What the last stage copies, and nothing else; its packages are those of the checkout. */
beforeAll(async () => {
  mkdirSync(app);
  for (const { sources } of FILE.stages.at(-1)?.copies ?? []) {
    for (const source of sources) {
      const name = basename(source);
      if (name === 'node_modules') symlinkSync(join(ROOT, name), join(app, name));
      else cpSync(join(ROOT, name), join(app, name), { recursive: true });
    }
  }
  const projects = join(root, 'stagegate.json');
  const web = { repo: sample.dir, staging: { suite: 'true' } };
  writeFileSync(projects, JSON.stringify({ version: 1, projects: { web } }));
  env = {
    ...FILE.env,
    STAGEGATE_STATE_DIR: join(root, 'state'),
    STAGEGATE_PROJECTS: projects,
    STAGEGATE_PORT: String(await freePort()),
  };
});
afterAll(() => {
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

/** @returns its exit code. */
async function healthcheck(): Promise<number> {
  const [, ...args] = FILE.healthcheck;
  try {
    await promisify(execFile)(process.execPath, args, { env: environment(env) });
    return 0;
  } catch (error) {
    return (error as { code: number }).code;
  }
}

it('the files of the image are enough to run, and its health check tells a service from none', async () => {
  expect(await healthcheck()).toBe(1);
  const service = startProgram(join(app, 'dist/cli.js'), FILE.command, env, app);
  await service.saw(/ready http/);
  expect(await healthcheck()).toBe(0);
  service.child.kill('SIGTERM');
  expect(await service.ended).toMatchObject({ code: 0 });
  expect(await healthcheck()).toBe(1);
});

it('what the image is built from is enough to build it', async () => {
  const place = join(root, 'build');
  mkdirSync(place);
  for (const { from, sources } of FILE.stages[0]?.copies ?? [])
    if (from === null)
      for (const source of sources) cpSync(join(ROOT, source), join(place, basename(source)), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'));
  await promisify(execFile)('npm', ['run', 'build'], { cwd: place });
  const { stdout } = await promisify(execFile)(process.execPath, [join(place, 'dist/cli.js'), '--version']);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
