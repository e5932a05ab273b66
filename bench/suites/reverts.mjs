import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { load1, removeFolder, workFolder } from '../lib/machine.mjs';
import { product } from '../lib/product.mjs';
import { quantile, rounded } from '../lib/stats.mjs';

const SIZE = { files: 15_000, commits: 600, candidates: 100 };
const WHO = 'Ann <a@b.c> 1700000000 +0000';
const FOLDER = 100;
/** Files that main's commits and the candidates change: the same ones again and again, as in any repository. */
const BUSY = 300;

/** What a look for silent reverts takes for one candidate, the processes of git included. */
export const reverts = {
  name: 'reverts',
  async run({ reverts: size = SIZE }, emit) {
    const dir = workFolder();
    const before = load1();
    try {
      const { repo, base, candidates } = repositoryOf(dir, size);
      const { Git } = product('infrastructure/git/command/git-command.js');
      const { silentReverts } = product('infrastructure/git/reverts/silent-reverts.js');
      const git = new Git();
      const times = [];
      let found = 0;
      for (const { oid } of candidates) {
        const startedAt = performance.now();
        const { silent } = await silentReverts(git, repo, {
          mainName: 'main',
          base,
          candidate: oid,
          head: oid,
          window: 500,
        });
        times.push(performance.now() - startedAt);
        found += silent.length > 0 ? 1 : 0;
      }
      const expected = candidates.filter(({ isSilent }) => isSilent).length;
      emit({
        type: 'reverts',
        ...size,
        median_ms: rounded(quantile(times, 0.5)),
        p95_ms: rounded(quantile(times, 0.95)),
        silent: found,
        load1: [before, load1()],
        valid: found === expected,
      });
    } finally {
      removeFolder(dir);
    }
  },
};

/** main with a history, and candidates of five files each on top of it, every fifth with one file as it was before. */
function repositoryOf(dir, { files, commits, candidates: count }) {
  const repo = join(dir, 'web.git');
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', repo]);
  const texts = new Map(Array.from({ length: files }, (_, at) => [pathOf(at), textOf(at, 0)]));
  const input = [commit('main', [...texts])];
  const older = new Map();
  for (let at = 1; at <= commits; at += 1) {
    const changed = [0, 1, 2].map((by) => (at * 7 + by * 31) % BUSY);
    for (const file of changed) older.set(file, texts.get(pathOf(file)));
    for (const file of changed) texts.set(pathOf(file), textOf(file, at));
    input.push(
      commit(
        'main',
        changed.map((file) => [pathOf(file), texts.get(pathOf(file))]),
      ),
    );
  }
  for (let at = 0; at < count; at += 1) {
    const changed = [0, 1, 2, 3, 4].map((by) => (at * 11 + by * 37) % BUSY);
    const isSilent = at % 5 === 0;
    const edits = changed.map((file, by) => [
      pathOf(file),
      isSilent && by === 0 ? older.get(file) : `${texts.get(pathOf(file))}own ${at}\n`,
    ]);
    input.push(commit(`change-${at}`, edits, 'main'));
  }
  execFileSync('git', ['fast-import', '--quiet'], { cwd: repo, input: input.join('') });
  const oidOf = (name) => execFileSync('git', ['rev-parse', name], { cwd: repo, encoding: 'utf8' }).trim();
  const candidates = Array.from({ length: count }, (_, at) => ({ oid: oidOf(`change-${at}`), isSilent: at % 5 === 0 }));
  return { repo, base: oidOf('main'), candidates };
}

function pathOf(at) {
  return `src/folder-${Math.floor(at / FOLDER)}/file-${at}.txt`;
}

/** Forty lines, of which some are those of the version. */
function textOf(file, version) {
  return Array.from(
    { length: 40 },
    (_, at) => `line ${at} of ${file}${at % 9 === version % 9 ? `, version ${version}` : ''}\n`,
  ).join('');
}

function commit(branch, files, from) {
  const changes = files.map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`);
  const start = from ? `from refs/heads/${from}\n` : '';
  return `commit refs/heads/${branch}\ncommitter ${WHO}\n${data(`change ${branch}`)}${start}${changes.join('')}\n`;
}

function data(text) {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
