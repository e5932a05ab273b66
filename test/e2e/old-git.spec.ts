import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';

const template = new SampleRepository();
let sample: SampleRepository;
let env: Record<string, string>;
let temporary: string;
const session = new CliSession();
afterAll(async () => {
  template.dispose();
  await session.close();
});
beforeEach(() => {
  sample = new SampleRepository({ like: template.root });
  temporary = mkdtempSync(join(tmpdir(), 'stagegate-old-git-'));
  const bin = join(sample.root, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'git'), '#!/bin/sh\necho git version 2.30.2\n');
  chmodSync(join(bin, 'git'), 0o755);
  const projects = join(sample.root, 'stagegate.yml');
  writeFileSync(
    projects,
    JSON.stringify({ version: 1, projects: { web: { repo: sample.dir, staging: { suite: 'true' } } } }),
  );
  env = {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    TMPDIR: temporary,
    STAGEGATE_STATE_DIR: join(sample.root, 'state'),
    STAGEGATE_PROJECTS: projects,
    STAGEGATE_PORT: '0',
  };
});
afterEach(() => {
  rmSync(temporary, { recursive: true, force: true });
  sample.dispose();
});

const REFUSAL =
  'stagegate: git: expected version 2.39 or newer, saw 2.30.2; install one and put its folder first in PATH\n';

test.each([
  ['up', []],
  ['demo', ['--once']],
  ['land', ['topic', '--suite', 'true', '--repo', '.']],
])('%s refuses an older git in one line, before anything is begun', async (verb, args) => {
  const { code, stdout, stderr } = await session.run([verb, ...args], env, sample.dir);
  expect([code, stdout, stderr]).toEqual([2, '', REFUSAL]);
  expect([existsSync(join(sample.root, 'state')), existsSync(join(sample.dir, 'stagegate'))]).toEqual([false, false]);
});
