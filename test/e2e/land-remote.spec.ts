import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { LandResult } from '../../src/cli/land/land-outcome';
import { lastJson, type CliResult } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

const session = new CliSession();
let sample: SampleRepository;
/** A clone as people have it, by URL, with a branch of its own and main not checked out. The sample's bare one is its origin. */
let clone: string;
beforeEach(() => {
  sample = new SampleRepository();
  clone = join(sample.root, 'clone');
  sample.git(['clone', '--quiet', `file://${sample.dir}`, clone]);
  sample.git(['switch', '--quiet', '-c', 'feature'], clone);
  sample.git(['commit', '--quiet', '--allow-empty', '-m', 'nothing'], clone);
  sample.git(['rm', '--quiet', 'main.txt'], clone);
  sample.git(['commit', '--quiet', '-m', 'Remove main.txt'], clone);
});
afterEach(() => {
  sample.dispose();
});
afterAll(async () => {
  await session.close();
});

const land = (...more: string[]): Promise<CliResult> =>
  session.run(['land', 'feature', '--repo', clone, '--suite', 'true', ...more]);
const onOrigin = () => sample.commit('main', { 'theirs.txt': 'theirs\n' });
const head = (ref: string) => sample.git(['rev-parse', ref], clone);
/** One line for the user, and nothing begun. */
const refused = (text: RegExp) => ({
  code: 2,
  stdout: '',
  stderr: expect.stringMatching(new RegExp(`^stagegate: ${text.source}\n$`)) as string,
});

it('a landing says how main is published, and publishes nothing', async () => {
  const origin = sample.head('main');
  const result = await land();
  expect(result.code).toBe(0);
  const [, command = ''] =
    /\n {2}do {6}(git -C \S+ push origin main), which publishes it; where main is protected, /.exec(result.stdout) ??
    [];
  expect(sample.head('main')).toBe(origin);
  const [program = '', ...args] = command.split(' ');
  expect(program).toBe('git');
  sample.git(args);
  expect(sample.head('main')).toBe(head('main'));
});

it('a main that lacks known commits of its upstream is refused before anything runs', async () => {
  onOrigin();
  sample.git(['fetch', '--quiet'], clone);
  const main = head('main');
  expect(await land()).toMatchObject(
    refused(
      /--main: expected main to have all of origin\/main, lacks 1 commit \(fetched within the hour\); add --fetch, .*/,
    ),
  );
  expect(head('main')).toBe(main);
});

it('a main that is checked out is said to be pulled where it is, also under the name of a symbolic ref', async () => {
  onOrigin();
  sample.git(['fetch', '--quiet'], clone);
  sample.git(['switch', '--quiet', 'main'], clone);
  sample.git(['symbolic-ref', 'refs/heads/trunk', 'refs/heads/main'], clone);
  for (const name of ['main', 'trunk']) {
    const { code, stderr } = await land('--main', name);
    expect(code).toBe(2);
    const [, way = ''] = new RegExp(
      `^stagegate: --main: expected ${name} to have all of origin/main, lacks 1 commit .*; run "(.*)" first\n$`,
    ).exec(stderr) ?? [stderr];
    expect(way.split(' ').slice(0, 2)).toEqual(['git', '-C']);
  }
});

it('a main that no command line could name is refused by its flag', async () => {
  expect(await land('--main', 'mäin')).toMatchObject(refused(/--main: expected a plain name .*, saw "mäin"; .*/));
});

it('--fetch lands onto what the remote has, and pushes nothing', async () => {
  const theirs = onOrigin();
  const result = await land('--fetch', '--json');
  const said = lastJson(result) as LandResult;
  expect(said).toMatchObject({ outcome: 'landed', landedOid: head('main') });
  expect(head('main~2')).toBe(theirs);
  expect(sample.head('main')).toBe(theirs);
  expect(said.next).toMatch(/^git -C \S+ push origin main, /);
});

it('a main that is ahead lands, with --fetch too', async () => {
  expect((await land()).code).toBe(0);
  sample.git(['switch', '--quiet', '-c', 'second'], clone);
  sample.git(['commit', '--quiet', '--allow-empty', '-m', 'second'], clone);
  const args = ['land', 'second', '--repo', clone, '--suite', 'true', '--fetch'];
  expect((await session.run(args)).code).toBe(0);
});

it.each([[[]], [['--fetch']]])('a main that has gone apart from its upstream is refused %j', async (more) => {
  expect((await land()).code).toBe(0);
  onOrigin();
  sample.git(['fetch', '--quiet'], clone);
  expect(await land(...more)).toMatchObject(
    refused(
      /--main: expected main to have all of origin\/main, lacks 1 commit and has 2 commits of its own; bring them .*/,
    ),
  );
});

it('--fetch of a remote that is away, or of none, is one line', async () => {
  renameSync(sample.dir, `${sample.dir}.away`);
  expect(await land('--fetch')).toMatchObject(
    refused(/--fetch: expected origin to answer, git fetch origin: .*; try it by hand, or leave --fetch out/),
  );
  sample.git(['branch', '--unset-upstream', 'main'], clone);
  expect(await land('--fetch')).toMatchObject(
    refused(/--fetch: expected main to follow a branch of a remote, saw none; .*/),
  );
});

it('--fetch moves no main that is checked out', async () => {
  onOrigin();
  sample.git(['switch', '--quiet', 'main'], clone);
  const main = head('main');
  expect(await land('--fetch')).toMatchObject(
    refused(
      /--fetch: expected main not to be checked out, is at .*; run "git pull --ff-only" there, and leave --fetch out/,
    ),
  );
  expect(head('main')).toBe(main);
  sample.git(['pull', '--quiet', '--ff-only'], clone);
  expect((await land()).code).toBe(0);
  expect(sample.git(['status', '--porcelain'], clone)).toBe('');
});

it('without a remote nothing is said of one', async () => {
  sample.git(['remote', 'remove', 'origin'], clone);
  const said = lastJson(await land('--json')) as LandResult;
  expect(said).toMatchObject({ outcome: 'landed', next: null });
});
