import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { LandResult } from '../../src/cli/land/land-outcome';
import { lastJson, type CliResult } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

const template = new SampleRepository();
template.commit('feature', { 'a.txt': 'a\nb\n', 'main.txt': 'two\n' }, 'main');
const session = new CliSession();
let sample: SampleRepository;
let repo: string;
beforeEach(() => {
  sample = new SampleRepository({ like: template.root });
  repo = sample.dir;
});
afterEach(() => {
  sample.dispose();
});
afterAll(async () => {
  template.dispose();
  await session.close();
});

const land = (suite: string, ...more: string[]): Promise<CliResult> =>
  session.run(['land', 'feature', '--repo', repo, '--suite', suite, ...more]);
const lines = ({ stdout }: CliResult) => stdout.trimEnd().split('\n');

/** What `git cherry-pick` makes on main of the branch's commit; and the revert of that, if told. */
function onMain({ isReverted }: { readonly isReverted: boolean }): void {
  sample.commit('main', { 'other.txt': 'other\n' });
  sample.git(['cherry-pick', 'feature']);
  if (isReverted) sample.git(['revert', '--no-edit', 'HEAD']);
  sample.git(['push', '--quiet', sample.dir, 'main']);
}

describe('land ends with', () => {
  it('outcome, commit, what changed, and a command that prints the log', async () => {
    // As a shell takes it apart, if it is not quoted.
    repo = join(sample.root, "it's a web.git");
    renameSync(sample.dir, repo);
    const result = await land('echo all is well');
    expect(result.code).toBe(0);
    const [first, change, log] = lines(result);
    expect(first).toBe(
      `landed: it-s-a-web.${first?.split('.')[1]?.split(':')[0] ?? ''}: landed as ${sample.head('main', repo) ?? ''}`,
    );
    expect(change).toBe('  change  2 files changed, 3 insertions(+), 1 deletion(-)');
    const [, run = '', quoted] = /^ {2}log {5}stagegate log (\S+) --repo (.*)$/.exec(log ?? '') ?? [];
    expect(quoted).toBe(`'${join(sample.root, String.raw`it'\''s a web.git`)}'`);
    expect((await session.run(['log', run, '--repo', repo])).stdout).toBe('all is well\n');
  });

  it('the same as JSON', async () => {
    const said = lastJson(await land('true', '--json')) as LandResult;
    expect(said).toMatchObject({
      outcome: 'landed',
      landedOid: sample.head('main'),
      change: { files: 2, insertions: 3, deletions: 1 },
      notes: [],
      next: null,
    });
    expect(said.log).toBe(join(repo, 'stagegate', 'logs', `${said.run ?? ''}.log`));
    expect(existsSync(said.log ?? '')).toBe(true);
  });

  it('commits that main has had, in the result and in show', async () => {
    onMain({ isReverted: false });
    sample.commit('feature', { 'c.txt': 'c\n' });
    const result = await land('true');
    const note = /left out 1 commit, \w{10} \(change feature\); main has had it by other commits/;
    expect(lines(result)).toContainEqual(expect.stringMatching(new RegExp(`^  note +${note.source}$`)));
    expect(result.stdout).toContain('change  1 file changed, 1 insertion(+)\n');
    const [task = ''] = /web\.feature-\w+/.exec(result.stdout) ?? [];
    expect((await session.run(['show', task, '--repo', repo])).stdout).toMatch(note);
  });

  it('what main has undone, and with no word that main had it still', async () => {
    onMain({ isReverted: true });
    const result = await land('true');
    expect(result.code).toBe(0);
    expect(lines(result)[0]).toMatch(/^nothing-to-land: .*: main has had every change of the branch$/);
    expect(result.stdout).toMatch(/note +main has since undone 1 commit, .*; to bring it back, revert on the branch/);
    expect((lastJson(await land('true', '--json')) as LandResult).notes).toHaveLength(2);
  });
});
