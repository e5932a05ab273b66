import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const WHO = 'Ann <a@b.c> 1700000000 +0000';
const FILES_PER_FOLDER = 100;
/** Branches that change the same file, each a line of its own, far enough from the others' for git to merge them. */
const LINES_PER_FILE = 50;
const BETWEEN = `${'-\n'.repeat(8)}`;
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
 * every one but the first needs a rebase. What they change is there from the start, so that the tree stays as large as it is.
 *
 * @returns its path, and the branches in the order in which they are to land.
 */
export function landingRepository(dir, { files, branches }) {
  const repo = join(dir, 'web.git');
  plainGit(dir, 'init', '--quiet', '--bare', '--initial-branch=main', repo);
  const names = Array.from({ length: branches }, (_, index) => `change-${index}`);
  const parts = names.flatMap((_, index) => (index % LINES_PER_FILE === 0 ? [partOf(names, index, null)] : []));
  const changes = names.map((name, index) => commit(name, 'main', [partOf(names, index, name)]));
  const input = [commit('main', null, [...treeOf(files), ...parts]), ...changes];
  execFileSync('git', ['fast-import', '--quiet'], { cwd: repo, env: ENV, input: input.join('') });
  return { repo, branches: names };
}

/** Main has to be one commit longer for every branch, and to hold what each has brought. */
export function verdictOf(repo, branches) {
  const commits = Number(plainGit(repo, 'rev-list', '--count', '--first-parent', 'main'));
  const landed = landedOn(repo, branches).length;
  const isRight = commits === branches.length + 1 && landed === branches.length;
  const seen = `${branches.length} landings: saw ${commits} commits and ${landed} changes on main`;
  return { valid: isRight, why_invalid: isRight ? null : seen };
}

/** @returns branches whose change main has. */
function landedOn(repo, branches) {
  const parts = branches.flatMap((_, index) =>
    index % LINES_PER_FILE === 0 ? [partOf(branches, index, null)[0]] : [],
  );
  const lines = parts.flatMap((path) => plainGit(repo, 'show', `main:${path}`).split('\n'));
  const known = new Set(lines);
  return branches.filter((branch) => known.has(`landed ${branch}`));
}

/** The file that a branch has its line in, as only that branch changes it. */
function partOf(names, index, changed) {
  const part = Math.floor(index / LINES_PER_FILE);
  const lines = names
    .slice(part * LINES_PER_FILE, (part + 1) * LINES_PER_FILE)
    .map((name) => `${name === changed ? 'landed' : 'not yet'} ${name}\n${BETWEEN}`);
  return [`changes/part-${part}.txt`, lines.join('')];
}

function treeOf(count) {
  return sourcesOf(count).map((path, index) => [path, `line of file ${index}\n`.repeat(20)]);
}

/** @returns the paths of the files in a tree of so many. */
export function sourcesOf(count) {
  return Array.from(
    { length: count },
    (_, index) => `src/part-${Math.floor(index / FILES_PER_FOLDER)}/file-${index}.txt`,
  );
}

/** @returns the files that so many branches change, with how many lines each has. */
export function changedBy(branches) {
  return Array.from({ length: Math.ceil(branches / LINES_PER_FILE) }, (_, part) => {
    const there = Math.min(LINES_PER_FILE, branches - part * LINES_PER_FILE);
    return { path: `changes/part-${part}.txt`, lines: there * BETWEEN.split('\n').length };
  });
}

function commit(branch, from, files) {
  const changes = files.map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`);
  const parent = from === null ? '' : `from refs/heads/${from}\n`;
  return `commit refs/heads/${branch}\nauthor ${WHO}\ncommitter ${WHO}\n${data(branch)}${parent}${changes.join('')}\n`;
}

function data(text) {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
