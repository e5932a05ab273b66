import { join } from 'node:path';
import type { LandResult } from '../../src/cli/land/land-outcome';
import { lastJson, runCli } from '../support/cli';
import { SampleRepository } from '../support/sample-repository';
import { NO_SSH_KEYGEN, sshKey } from '../support/ssh-key';
import { testWherePossible } from '../support/test-where-possible';

jest.setTimeout(120_000);

let sample: SampleRepository;
beforeEach(() => {
  sample = new SampleRepository();
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  sample.commit('main', { 'b.txt': 'b\n' });
});
afterEach(() => {
  sample.dispose();
});

const land = (...more: string[]) =>
  runCli(['land', 'feature', '--repo', sample.dir, '--suite', 'true', '--json', ...more]);

testWherePossible(NO_SSH_KEYGEN, 'land commits and signs what lands as it is told', async () => {
  const { file, trusted } = sshKey(sample.root);
  const result = await land('--committer', 'Ann Lee <ann@example.org>', '--signing-key', file);
  expect([result.code, (lastJson(result) as LandResult).outcome]).toEqual([0, 'landed']);
  expect(sample.git(['log', '-1', '--format=%cn <%ce>', 'main'], sample.dir)).toBe('Ann Lee <ann@example.org>');
  sample.git([...trusted, 'verify-commit', 'main'], sample.dir);
});

test('somebody who is no committer, and a key that does not sign, are refused before anything runs', async () => {
  const main = sample.head('main');
  for (const person of ['Ann', 'Ann <>', '<ann@example.org>', 'Ann <ann lee>', 'Ann <a@b> x'])
    expect((await land('--committer', person)).stderr).toMatch(
      /^stagegate: --committer: expected a name and an address like .*, saw ".*"\n$/,
    );
  const { code, stderr } = await land('--signing-key', join(sample.root, 'none'));
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^stagegate: --signing-key: ssh-keygen: expected .*\n$/)]);
  expect(sample.head('main')).toBe(main);
});
