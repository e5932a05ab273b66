import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BRANCHES = ['main', 'change'];
export const WHO = {
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'a@b.c',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'a@b.c',
};

/** A bare repository with one file, and one branch that changes it. @returns its path. */
export function smallRepository(dir) {
  const work = join(dir, 'work-tree');
  const repo = join(dir, 'web.git');
  const env = { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', ...WHO };
  const git = (...args) => execFileSync('git', args, { cwd: dir, env, stdio: ['ignore', 'ignore', 'inherit'] });
  git('init', '--quiet', '--bare', '--initial-branch=main', repo);
  git('init', '--quiet', '--initial-branch=main', work);
  for (const branch of BRANCHES) {
    if (branch !== 'main') git('-C', work, 'switch', '--quiet', '-c', branch);
    writeFileSync(join(work, 'file.txt'), branch);
    git('-C', work, 'add', '--all');
    git('-C', work, 'commit', '--quiet', '-m', branch);
    git('-C', work, 'push', '--quiet', repo, `HEAD:refs/heads/${branch}`);
  }
  return repo;
}
