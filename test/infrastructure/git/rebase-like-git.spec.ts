import fc from 'fast-check';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Git } from '../../../src/infrastructure/git/command/git-command';
import { TreeCache } from '../../../src/infrastructure/git/contents/tree-contents';
import { rebaseOnto } from '../../../src/infrastructure/git/rebase/rebase';
import { randomHistory, streamOf } from '../../support/history/random-history';
import { rounds } from '../../support/rounds';

const SEED = 15;
const RUNS = rounds(150, 30);
const root = mkdtempSync(join(tmpdir(), 'stagegate-like-git-'));
afterAll(() => {
  rmSync(root, { recursive: true });
});

const git = (cwd: string, args: readonly string[], input?: Uint8Array) =>
  execFileSync('git', args, { cwd, encoding: 'utf8', env: ENV, ...(input !== undefined && { input }) }).trim();
const ENV = {
  PATH: process.env['PATH'],
  HOME: root,
  GIT_COMMITTER_NAME: 'Cleo',
  GIT_COMMITTER_EMAIL: 'cleo@example.org',
};
const FORMAT = '--format=%T %an %ae %ad %s%n%b';

/** What `git rebase main` in a work tree makes of it: the commits on top of main, or `conflict`. */
function byGit(bare: string): string {
  const work = `${bare}-work`;
  git(root, ['clone', '--quiet', '--branch', 'feature', bare, work]);
  git(work, ['fetch', '--quiet', 'origin', 'main:main']);
  // Bytes as they are: what differs by line ends alone is no change of the user's.
  execFileSync(
    'sh',
    ['-c', "mkdir -p .git/info; echo '* -text' > .git/info/attributes; rm .git/index; git reset -q --hard"],
    { cwd: work, env: ENV },
  );
  const { status, stderr } = spawnSync('git', ['rebase', '--quiet', 'main'], { cwd: work, env: ENV, encoding: 'utf8' });
  if (status === 0) return git(work, ['log', FORMAT, 'main..HEAD']);
  if (git(work, ['ls-files', '--unmerged']) === '') throw new Error(stderr);
  return 'conflict';
}

async function byUs(bare: string): Promise<string> {
  const [baseOid = '', headOid = ''] = git(bare, ['rev-parse', 'main', 'feature']).split('\n');
  const outcome = await rebaseOnto(new Git(), {
    bare,
    task: 'web.T-1',
    branch: 'feature',
    trees: new TreeCache(),
    main: 'main',
    headOid,
    baseOid,
  });
  if (outcome.kind === 'conflict') return 'conflict';
  return outcome.kind === 'nothing-left' ? '' : git(bare, ['log', FORMAT, `main..${outcome.newOid}`]);
}

test('any history comes out of it as out of git rebase in a work tree, commit by commit', async () => {
  const seen = { clean: 0, conflict: 0, nothing: 0 };
  let count = 0;
  await fc.assert(
    fc.asyncProperty(randomHistory, async (history) => {
      const bare = join(root, `bare-${count++}`);
      mkdirSync(bare);
      git(bare, ['init', '--quiet', '--bare', '--template=']);
      git(bare, ['fast-import', '--quiet'], streamOf(history));
      const [expected, is] = [byGit(bare), await byUs(bare)];
      rmSync(bare, { recursive: true });
      rmSync(`${bare}-work`, { recursive: true });
      seen[is === 'conflict' ? 'conflict' : is === '' ? 'nothing' : 'clean'] += 1;
      expect(is).toBe(expected);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  // Both have to occur, or nothing was compared.
  for (const times of [seen.clean, seen.conflict]) expect(times).toBeGreaterThan(0);
}, 600_000);
