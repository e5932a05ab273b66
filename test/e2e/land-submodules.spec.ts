import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LandResult } from '../../src/cli/land/land-outcome';
import { lastJson, type CliResult } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

const session = new CliSession();
let lib: SampleRepository;
let sample: SampleRepository;
/** A clone as people have it, main on its own and the submodule not yet brought in. */
let clone: string;
const LOCAL = ['-c', 'protocol.file.allow=always'];
beforeEach(() => {
  lib = new SampleRepository();
  lib.commit('main', { 'lib.txt': 'lib\n' });
  sample = new SampleRepository();
  sample.git(['switch', '--quiet', 'main']);
  sample.git([...LOCAL, 'submodule', '--quiet', 'add', '--name', 'third/lib', lib.dir, 'lib']);
  sample.commit('main', { 'uses-lib.txt': 'yes\n' });
  clone = join(sample.root, 'clone');
  sample.git(['clone', '--quiet', sample.dir, clone]);
  sample.git(['switch', '--quiet', '-c', 'feature'], clone);
});
afterEach(() => {
  lib.dispose();
  sample.dispose();
});
afterAll(async () => {
  await session.close();
});

const land = (suite: string, ...more: string[]): Promise<CliResult> =>
  session.run(['land', 'feature', '--repo', clone, '--suite', suite, ...more]);
const work = () => {
  sample.git(['rm', '--quiet', 'main.txt'], clone);
  sample.git(['commit', '--quiet', '-m', 'Remove main.txt'], clone);
};
const EMPTY = 'the folder of a submodule was empty: lib; allow its source if the suite needs it';

it('a branch that leaves a submodule alone lands, and what was empty is said', async () => {
  work();
  const { code, stdout } = await land('test -d lib && test ! -e lib/lib.txt');
  expect([code, stdout]).toEqual([0, expect.stringContaining(`\n  note    ${EMPTY}\n`)]);
  const task = /^landed: (\S+):/.exec(stdout)?.[1] ?? '';
  const shown = await session.run(['show', task, '--repo', clone]);
  expect(shown.stdout).toContain(`; ${EMPTY}`);
  const artifact = / {2}(\S+15-staging-log\.md)\n/.exec(stdout)?.[1] ?? '';
  expect(readFileSync(artifact, 'utf8')).toContain(`- note: \`${EMPTY}\``);
});

it('a suite that is red without it says which folder was empty; allowed, it is green', async () => {
  work();
  const red = lastJson(await land('cat lib/lib.txt', '--json')) as LandResult;
  expect(red).toMatchObject({ outcome: 'rolled-back', notes: [EMPTY] });
  expect(red.why.failure?.emptyFolders).toEqual({ count: 1, paths: ['lib'] });
  const why = await session.run(['why', red.task, '--repo', clone]);
  expect(why.stdout).toMatch(/\nempty +the folder of a submodule was empty: lib;/);
  const green = await land('cat lib/lib.txt', '--json', '--submodule', `${lib.dir}=${lib.work}`);
  expect(lastJson(green)).toMatchObject({ outcome: 'landed', notes: [] });
});

it('what its user has brought in is there without a flag, also where the branch moves it', async () => {
  sample.git([...LOCAL, 'submodule', '--quiet', 'update', '--init'], clone);
  const oid = lib.commit('main', { 'new.txt': 'new\n' });
  sample.git([...LOCAL, 'fetch', '--quiet'], join(clone, 'lib'));
  sample.git(['checkout', '--quiet', oid], join(clone, 'lib'));
  sample.git(['commit', '--quiet', '-a', '-m', 'Move lib'], clone);
  const { code, stderr } = await land(
    'cat lib/new.txt && git -C lib rev-parse HEAD && test -z "$(git status --porcelain)"',
  );
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  expect(sample.git(['ls-tree', 'main', 'lib'], clone)).toContain(oid);
});

it('doctor says which folders runs find empty', async () => {
  work();
  await land('true');
  const seen = async () => (await session.run(['doctor', '--repo', clone])).stdout;
  expect(await seen()).toMatch(/: main at [0-9a-f]{12}; runs find lib empty, as no source is allowed/);
  sample.git([...LOCAL, 'submodule', '--quiet', 'update', '--init'], clone);
  expect(await seen()).toMatch(/: main at [0-9a-f]{12}\n/);
});
