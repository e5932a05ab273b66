import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pipeWarnings, textsOf } from '../../src/cli/pipe-warnings';
import { POLICY } from '../support/policies';
import { ProcessYard } from '../support/process-yard';

const yard = new ProcessYard();
afterAll(() => {
  yard.close();
});
const warningsOf = (text: string) => pipeWarnings([{ key: '--suite', text }], yard.runner);
const path = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = path;
});

/** Puts another shell first, as `sh` is found for suites. */
function shellIs(target: string): void {
  const bin = join(yard.root, `bin-${target.replace(/\W/g, '')}`);
  mkdirSync(bin, { recursive: true });
  symlinkSync(target, join(bin, 'sh'));
  process.env['PATH'] = `${bin}:${path ?? ''}`;
}

test('a pipe whose failure nobody would see is told, with the list that shows it', async () => {
  expect(await warningsOf('npm test')).toEqual([]);
  expect(await warningsOf('npm test | tee log')).toEqual([
    "--suite: expected an exit code that tells of every failure, saw a pipe, of which sh reports the last command's exit code alone; " +
      'write it as a list: [bash, -o, pipefail, -c, "npm test | tee log"]',
  ]);
});

test('pipefail is fine where sh knows it, and told where sh ends with a code of its own', async () => {
  shellIs('/bin/bash');
  expect(await warningsOf('set -o pipefail; npm test | tee log')).toEqual([]);
  shellIs('/bin/false');
  expect(await warningsOf('set -o pipefail; npm test | tee log')).toEqual([
    expect.stringMatching(/^--suite: expected a sh that knows pipefail, saw one that ends with a code of its own; /),
  ]);
});

test('every text of a project is looked at, one that the re-test repeats once', () => {
  const suite = { ...POLICY.staging, setup: 'a | b', suite: ['c', '|'] };
  const texts = textsOf({ ...POLICY, staging: suite, retest: { ...suite, suite: 'd | e' }, agents: {} });
  expect(texts.map(({ key }) => key)).toEqual([
    `projects.${POLICY.project}.staging.setup`,
    `projects.${POLICY.project}.retest.suite`,
  ]);
});
