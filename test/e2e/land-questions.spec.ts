import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../support/cli';
import { SampleRepository } from '../support/sample-repository';

let sample: SampleRepository;
beforeAll(() => {
  sample = new SampleRepository();
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
});
afterAll(() => {
  sample.dispose();
});

/** Puts a git in front of the real one that notes what it is asked. @returns the environment, and the file with a line for each. */
function notingGit(): { readonly env: Record<string, string>; readonly notes: string } {
  const [bin, notes] = [join(sample.root, 'bin'), join(sample.root, 'notes')];
  mkdirSync(bin);
  const path = process.env['PATH'] ?? '';
  writeFileSync(join(bin, 'git'), `#!/bin/sh\necho "$*" >>'${notes}'\nPATH='${path}' exec git "$@"\n`);
  chmodSync(join(bin, 'git'), 0o755);
  return { env: { PATH: `${bin}:${path}` }, notes };
}

test('until the branch is fetched for its suite, git is asked nothing twice', async () => {
  const { env, notes } = notingGit();
  const { code } = await runCli(['land', 'feature', '--repo', sample.dir, '--suite', 'true'], env);
  expect(code).toBe(0);
  const asked = readFileSync(notes, 'utf8').split('\n');
  const first = asked.slice(
    0,
    asked.findIndex((question) => question.includes(' fetch ')),
  );
  expect(first.some((question) => question.includes(' merge-base '))).toBe(true);
  expect(first.filter((question, index) => first.indexOf(question) !== index)).toEqual([]);
});
