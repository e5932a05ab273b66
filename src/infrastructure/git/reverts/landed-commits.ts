import { pathsOf, type FileChange, type LandedCommit } from '../../../domain/gates/revert/landed-changes';
import type { Oid } from '../../../domain/ids';
import type { Git } from '../command/git-command';
import { CHANGES, ChangesText, readable, SETTINGS, unlessTooMuch, WITH_LINES } from './changes-text';

/** Nobody reads a change of more files line by line; the system bounds how many paths a command takes. */
const MOST_PATHS = 400;
const MOST_PATH_CHARS = 60_000;

const LOG = ['log', '--first-parent', '--diff-merges=first-parent', '--format=%x00%H%x00%P%x00%an%x00%aI%x00%B%x00'];

export interface Landed {
  /** Newest first; only those that change one of the files. */
  readonly commits: readonly LandedCommit[];
  /** Files of the change of which nobody has looked at lines. */
  readonly filesWithoutLines: number;
}

/**
 * What main's commits did to the files of a change.
 *
 * @param until the newest commit that is not looked at any more; null for none.
 */
export async function landedCommits(
  git: Git,
  cwd: string,
  { base, until, changes }: { readonly base: Oid; readonly until: Oid | null; readonly changes: readonly FileChange[] },
): Promise<Landed> {
  const range = [base, ...(until === null ? [] : [`^${until}`]), '--'];
  const { paths, without } = lookedAt(changes);
  if (paths.length === 0) return { commits: [], filesWithoutLines: 0 };
  const files = paths.map((path) => `:(top,literal)${path}`);
  const lines = await withLines(git, cwd, [...range, ...files]);
  if (without === 0 && lines) return { commits: lines, filesWithoutLines: 0 };
  const wanted = new Set(changes.flatMap(pathsOf));
  const all = await commitsIn(git, cwd, without === 0 ? [...range, ...files] : range);
  const known = new Map((lines ?? []).map((commit) => [commit.oid, commit]));
  const commits = all
    .map((commit) => ({
      ...commit,
      changes: commit.changes
        .filter((change) => pathsOf(change).some((path) => wanted.has(path)))
        .map((change) => known.get(commit.oid)?.changes.find((each) => isSame(each, change)) ?? change),
    }))
    .filter((commit) => commit.changes.length > 0);
  return { commits, filesWithoutLines: lines ? without : changes.length };
}

function lookedAt(changes: readonly FileChange[]): { readonly paths: readonly string[]; readonly without: number } {
  const paths: string[] = [];
  let chars = 0;
  let without = 0;
  for (const names of changes.map(pathsOf)) {
    chars += names.join('').length;
    if (paths.length + names.length <= MOST_PATHS && chars <= MOST_PATH_CHARS) paths.push(...names);
    else without += 1;
  }
  return { paths, without };
}

function withLines(git: Git, cwd: string, range: readonly string[]): Promise<readonly LandedCommit[] | null> {
  return unlessTooMuch(commitsIn(git, cwd, [...WITH_LINES, ...range]));
}

async function commitsIn(git: Git, cwd: string, args: readonly string[]): Promise<readonly LandedCommit[]> {
  const text = new ChangesText(
    await git.text([...LOG, ...CHANGES, ...args], { cwd, encoding: 'latin1', settings: SETTINGS }),
  );
  const commits: LandedCommit[] = [];
  while (!text.isAtEnd) {
    text.field();
    const [oid, parents, author, at, message] = Array.from({ length: 5 }, () => readable(text.field()));
    const changes = text.changes();
    commits.push({
      oid: oid ?? '',
      merged: [],
      isRoot: parents === '',
      author: author ?? '',
      at: at ?? '',
      message: message ?? '',
      changes,
    });
  }
  return commits;
}

function isSame(one: FileChange, other: FileChange): boolean {
  return one.before?.path === other.before?.path && one.after?.path === other.after?.path;
}
