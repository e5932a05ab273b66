import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const WHO = 'Ann <a@b.c> 1700000000 +0000';
const FILES_PER_FOLDER = 100;
const ENV = {
  PATH: process.env.PATH,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'a@b.c',
};

/** Runs git as a person would, without a configuration. @returns what it prints. */
export function plainGit(cwd, ...args) {
  return execFileSync('git', args, { cwd, env: ENV, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}

/**
 * A bare repository with a tree of so many files, and branches that each bring one commit on top of the first one of main:
 * every one but the first needs a rebase.
 *
 * @returns its path, and the branches in the order in which they are to land.
 */
export function landingRepository(dir, { files, branches }) {
  const repo = join(dir, 'web.git');
  plainGit(dir, 'init', '--quiet', '--bare', '--initial-branch=main', repo);
  const names = Array.from({ length: branches }, (_, index) => `change-${index}`);
  const input = [commit('main', null, treeOf(files)), ...names.map((name) => commit(name, 'main', [fileOf(name)]))];
  execFileSync('git', ['fast-import', '--quiet'], { cwd: repo, env: ENV, input: input.join('') });
  return { repo, branches: names };
}

function treeOf(count) {
  return Array.from({ length: count }, (_, index) => [
    `src/part-${Math.floor(index / FILES_PER_FOLDER)}/file-${index}.txt`,
    `${`line of file ${index}\n`.repeat(20)}`,
  ]);
}

function fileOf(branch) {
  return [`changes/${branch}.txt`, `${branch}\n`];
}

function commit(branch, from, files) {
  const changes = files.map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`);
  const parent = from === null ? '' : `from refs/heads/${from}\n`;
  return `commit refs/heads/${branch}\nauthor ${WHO}\ncommitter ${WHO}\n${data(branch)}${parent}${changes.join('')}\n`;
}

function data(text) {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
