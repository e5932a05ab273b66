import type { LandResult } from '../../src/cli/land/land-outcome';
import { lastJson, type CliResult } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

const LIST = ['first', 'x', 'x', 'x', 'second', 'x', 'x', 'x', 'third'];
const list = (...said: string[]) => `${LIST.map((line) => (said.includes(line) ? `${line} done` : line)).join('\n')}\n`;

const session = new CliSession();
let sample: SampleRepository;
beforeEach(() => {
  sample = new SampleRepository();
});
afterEach(() => {
  sample.dispose();
});
afterAll(async () => {
  await session.close();
});

const land = (branch: string, ...more: string[]): Promise<CliResult> =>
  session.run(['land', branch, '--repo', sample.dir, '--suite', 'true', ...more]);
const onMain = (format: string) =>
  sample.git(['log', '--reverse', `--format=${format}`, 'main'], sample.dir).split('\n');
const file = (path: string) => `${sample.git(['show', `main:${path}`], sample.dir)}\n`;

/** How often main has had the change of a commit, whatever it is called there. */
function timesOnMain(commit: string): number {
  const idsOf = (...range: string[]) => {
    const patches = sample.git(['log', '-p', '--no-merges', ...range], sample.dir);
    const lines = sample.git(['patch-id', '--stable'], sample.dir, `${patches}\n`).split('\n');
    return lines.map((line) => line.split(' ')[0]);
  };
  const [id] = idsOf('--max-count=1', commit);
  return idsOf('main').filter((one) => one === id).length;
}

/** c stands on b, b on a, and each changes what the one before it has made; main has gone on since. */
function stack(): Readonly<Record<'a' | 'b' | 'c', string>> {
  const a = sample.commit('a', { 'list.txt': list('first') }, 'main');
  const b = sample.commit('b', { 'list.txt': list('first', 'second') }, 'a');
  const c = sample.commit('c', { 'list.txt': list('first', 'second', 'third') }, 'b');
  sample.commit('main', { 'other.txt': 'other\n' });
  return { a, b, c };
}

describe('stacked branches', () => {
  it('land one after the other, and none brings what stands below it a second time', async () => {
    const { a, b, c } = stack();
    for (const branch of ['a', 'b', 'c']) expect(await land(branch)).toMatchObject({ code: 0 });
    expect(onMain('%s')).toEqual(['change main', 'change main', 'change a', 'change b', 'change c']);
    expect([a, b, c].map(timesOnMain)).toEqual([1, 1, 1]);
    expect(onMain('%H')).not.toContain(a);
    expect(file('list.txt')).toBe(list('first', 'second', 'third'));
  });

  it('land also in one go, and what stands below has nothing left to land', async () => {
    const { a } = stack();
    expect(await land('c')).toMatchObject({ code: 0 });
    expect(lastJson(await land('a', '--json'))).toMatchObject({ outcome: 'nothing-to-land' });
    expect(timesOnMain(a)).toBe(1);
  });

  it('land on what somebody has made one commit of by hand', async () => {
    sample.commit('a', { 'list.txt': list('first') }, 'main');
    sample.commit('a', { 'more.txt': 'more\n' });
    sample.commit('b', { 'list.txt': list('first', 'second') }, 'a');
    sample.commit('main', { 'other.txt': 'other\n' });
    squash('a');
    const said = lastJson(await land('b', '--json')) as LandResult;
    expect(said).toMatchObject({ outcome: 'landed', change: { files: 1, insertions: 1, deletions: 1 } });
    expect(said.notes).toEqual([expect.stringContaining('left out 2 commits')]);
    expect(onMain('%s')).toEqual(['change main', 'change main', 'a by hand', 'change b']);
    expect(file('list.txt')).toBe(list('first', 'second'));
  });

  it('conflict with such a commit as in git, where their own commits change one line twice', async () => {
    sample.commit('a', { 'list.txt': list('first') }, 'main');
    sample.commit('a', { 'list.txt': list('first').replace('first done', 'first done twice') });
    sample.commit('b', { 'b.txt': 'b\n' }, 'a');
    const main = squash('a');
    const { code, stdout } = await land('b');
    expect({ code, main: sample.head('main') }).toEqual({ code: 11, main });
    expect(stdout).toContain('list.txt');
    sample.git(['switch', '--quiet', 'b']);
    expect(() => sample.git(['rebase', '--quiet', 'main'])).toThrow(/could not apply/);
  });

  it('land without what main has reverted, and say so', async () => {
    const a = sample.commit('a', { 'a.txt': 'a\n' }, 'main');
    sample.commit('b', { 'b.txt': 'b\n' }, 'a');
    sample.commit('main', { 'other.txt': 'other\n' });
    expect(await land('a')).toMatchObject({ code: 0 });
    sample.git(['fetch', '--quiet', sample.dir, 'main']);
    sample.git(['switch', '--quiet', 'main']);
    sample.git(['merge', '--quiet', '--ff-only', 'FETCH_HEAD']);
    sample.git(['revert', '--no-edit', 'HEAD']);
    sample.git(['push', '--quiet', sample.dir, 'main']);
    const result = await land('b');
    expect(result.code).toBe(0);
    expect(result.stdout).toMatch(/ note +left out 1 commit, \w{10} \(change a\)/);
    expect(result.stdout).toMatch(/ note +main has since undone 1 commit, \w{10} \(change a\)/);
    expect(sample.git(['ls-tree', '--name-only', 'main'], sample.dir).split('\n')).toEqual([
      'b.txt',
      'main.txt',
      'other.txt',
    ]);
    expect(timesOnMain(a)).toBe(1);
  });
});

/** Brings a branch to main as one commit. @returns that. */
function squash(branch: string): string {
  sample.git(['switch', '--quiet', 'main']);
  sample.git(['merge', '--quiet', '--squash', branch]);
  sample.git(['commit', '--quiet', '-m', `${branch} by hand`]);
  sample.git(['push', '--quiet', sample.dir, 'main']);
  return sample.head('main') ?? '';
}
