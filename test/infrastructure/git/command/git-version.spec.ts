import { gitObjection, gitVersion, MIN_GIT } from '../../../../src/infrastructure/git/command/git-version';
import { isAtLeast } from '../../../../src/infrastructure/system/version';

test.each([
  ['2.39', true],
  ['2.39.5', true],
  ['2.100', true],
  ['3', true],
  ['2.38.9', false],
  ['2.9', false],
  ['1.99', false],
])('git %s is good enough: %s', (version, isGoodEnough) => {
  expect(gitObjection(version) === null).toBe(isGoodEnough);
});

test('numbers are compared as numbers, and a missing one is 0', () => {
  expect(isAtLeast('20.19.0', '20.19')).toBe(true);
  expect(isAtLeast('20.9', '20.19')).toBe(false);
  expect(isAtLeast('22', '20.19')).toBe(true);
});

test('the git of this machine says its version', async () => {
  expect(await gitVersion()).toMatch(/^\d+\.\d+/);
});

test('no git is an objection too', () => {
  expect(gitObjection(null)).toContain(`expected version ${MIN_GIT} or newer, saw none on PATH`);
});
