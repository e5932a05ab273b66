import { GitError } from '../../../application/ports/git-workspace';
import type { ChangedFile } from '../../../domain/gates/coverage/coverage-report';
import type { Oid } from '../../../domain/ids';
import { sizesOf } from '../command/blobs';
import type { Git } from '../command/git-command';

/** Nobody writes larger sources; their lines are not looked at, and count as changed, all of them. */
const MOST_FILE_BYTES = 4 * 1024 * 1024;
/** Beyond it nobody counts the lines of files; which of them are changed is known all the same. */
const MOST_COUNTED = 2_000;
/** Paths of one command: the system bounds how much may stand there. */
const PATHS_AT_ONCE = 200;
const REGULAR_FILE = /^100/;

const ALL_LINES: ChangedFile['stretches'] = [[1, Number.MAX_SAFE_INTEGER]];

/** As git finds what was added, altered or moved, and neither a program nor a filter of the repository takes part. */
const DIFF = [
  ...['diff-tree', '-r', '--find-renames', '--no-relative', '--ignore-submodules=none'],
  ...['--no-ext-diff', '--no-textconv', '--no-color'],
];
/** Of what was added, altered or moved. */
const LEFT_A_FILE = '--diff-filter=AMR';
/** What was a link or a submodule before is told of twice where lines are: as what is gone, and as what is new. */
const BECAME_A_FILE = '--diff-filter=T';
/** Lines around a change are none of it; whatever attributes say of a file, it has lines. */
const LINES = ['-p', '--unified=0', '--inter-hunk-context=0', '--text', '--submodule=short'];

interface Changed {
  readonly path: string;
  readonly movedFrom: string | null;
  readonly oid: Oid;
  readonly isRegular: boolean;
}

interface Asked {
  readonly from: Oid;
  readonly to: Oid;
}

/**
 * The lines that the way from one commit to another adds or alters, by file. What was only moved has none. Links, submodules and what is gone
 * are left out.
 *
 * @throws GitError when git cannot tell, or when there is more of it than anybody looks at.
 */
export async function changedLines(git: Git, cwd: string, { from, to }: Asked): Promise<readonly ChangedFile[]> {
  const all = await changedFiles(git, cwd, [LEFT_A_FILE, from, to]);
  const became = (await changedFiles(git, cwd, [BECAME_A_FILE, from, to])).filter(({ isRegular }) => isRegular);
  const large = await largeOnes(git, cwd, all);
  const range = [LEFT_A_FILE, from, to, '--', ':(top)', ...large.map(({ path }) => `:(exclude,top,literal)${path}`)];
  const files = large.length === 0 ? all : await changedFiles(git, cwd, range);
  const stretches = stretchesIn(await git.text([...DIFF, ...LINES, ...range], { cwd, encoding: 'latin1' }));
  if (stretches.length !== files.length)
    throw new GitError(
      'GIT_FAILED',
      `git diff-tree in ${cwd}: expected ${files.length} files, saw ${stretches.length}`,
    );
  const regular = files.flatMap(({ path, movedFrom, isRegular }, at) =>
    isRegular ? [{ path, ...(movedFrom === null ? {} : { movedFrom }), stretches: stretches[at] ?? [] }] : [],
  );
  const counts = await lineCounts(git, cwd, to, regular.slice(0, MOST_COUNTED));
  return [
    ...regular.map((file, at) => ({ ...file, lineCount: at < MOST_COUNTED ? (counts.get(file.path) ?? 0) : null })),
    ...[...became, ...large].map(({ path }) => ({ path, stretches: ALL_LINES, lineCount: null })),
  ];
}

/** Paths of all files of a commit; links and submodules are none. */
export async function filePaths(git: Git, cwd: string, oid: Oid): Promise<ReadonlySet<string>> {
  const listed = await git.text(['ls-tree', '-r', '-z', '--full-tree', oid], { cwd });
  const paths = listed.split('\0').flatMap((entry) => {
    const [facts, path] = [entry.slice(0, entry.indexOf('\t')), entry.slice(entry.indexOf('\t') + 1)];
    return REGULAR_FILE.test(facts) ? [path] : [];
  });
  return new Set(paths);
}

async function changedFiles(git: Git, cwd: string, range: readonly string[]): Promise<readonly Changed[]> {
  const fields = (await git.text([...DIFF, '--raw', '-z', ...range], { cwd })).split('\0');
  const files: Changed[] = [];
  for (let at = 0; at + 1 < fields.length;) {
    const [, mode = '', , oid = '', status = ''] = (fields[at] ?? '').slice(1).split(' ');
    // Of what was moved the old path comes first.
    const paths = status.startsWith('R') ? 2 : 1;
    const movedFrom = paths === 2 ? (fields[at + 1] ?? '') : null;
    files.push({ path: fields[at + paths] ?? '', movedFrom, oid, isRegular: REGULAR_FILE.test(mode) });
    at += 1 + paths;
  }
  return files;
}

async function largeOnes(git: Git, cwd: string, all: readonly Changed[]): Promise<readonly Changed[]> {
  const regular = all.filter(({ isRegular }) => isRegular);
  if (regular.length === 0) return [];
  const sizes = await sizesOf(git, cwd, regular);
  return regular.filter((_, at) => (sizes[at] ?? 0) > MOST_FILE_BYTES);
}

/** One list for each file, in git's order: no line of a content begins like a heading of git, as each has a sign in front. */
function stretchesIn(diff: string): readonly (readonly (readonly [number, number])[])[] {
  const files: [number, number][][] = [];
  for (const line of diff.split('\n')) {
    if (line.startsWith('diff --git ')) files.push([]);
    const [, first, count = '1'] = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (first !== undefined && count !== '0') files.at(-1)?.push([Number(first), Number(first) + Number(count) - 1]);
  }
  return files;
}

async function lineCounts(
  git: Git,
  cwd: string,
  oid: Oid,
  files: readonly { readonly path: string }[],
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (let at = 0; at < files.length; at += PATHS_AT_ONCE) {
    const paths = files.slice(at, at + PATHS_AT_ONCE).map(({ path }) => `:(top,literal)${path}`);
    const args = ['grep', '-c', '-z', '-a', '-e', '', oid, '--', ...paths];
    const { stdout } = await git.run(args, { cwd, answers: [0, 1] });
    for (const [, path = '', count] of stdout.matchAll(/[0-9a-f]+:([^\0]*)\0(\d+)\n?/g))
      counts.set(path, Number(count));
  }
  return counts;
}
