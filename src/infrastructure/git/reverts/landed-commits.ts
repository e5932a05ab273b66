import { pathsOf, type FileChange, type LandedCommit } from '../../../domain/gates/revert/landed-changes';
import type { Oid } from '../../../domain/ids';
import type { Git } from '../command/git-command';
import type { MainLine } from './main-line';
import { CHANGES, ChangesText, readable, SETTINGS, unlessTooMuch, WITH_LINES } from './changes-text';

/** Nobody reads a change of more files line by line; the system bounds how many paths a command takes. */
const MOST_PATHS = 400;
const MOST_PATH_CHARS = 60_000;

const FORMAT = '--format=%x00%H%x00%P%x00%an%x00%aI%x00%B%x00';
const LOG = ['log', '--first-parent', '--diff-merges=first-parent', FORMAT];
const STEPS = ['diff-tree', '--stdin', '--root', FORMAT];

export interface Landed {
  /** Newest first; only those that change one of the files. */
  readonly commits: readonly LandedCommit[];
  /** Files of the change of which nobody has looked at lines. */
  readonly filesWithoutLines: number;
}

/**
 * What main's commits did to the files of a change.
 *
 * @param count how many of main's newest commits are looked at.
 */
export async function landedCommits(
  git: Git,
  cwd: string,
  {
    line,
    count,
    changes,
  }: { readonly line: MainLine; readonly count: number; readonly changes: readonly FileChange[] },
): Promise<Landed> {
  const ask = (args: readonly string[], files: readonly string[] = []) =>
    commitsIn(git, cwd, { ...walkOf(line, count), args, files });
  const { paths, without } = lookedAt(changes);
  if (paths.length === 0) return { commits: [], filesWithoutLines: 0 };
  const files = paths.map((path) => `:(top,literal)${path}`);
  const lines = await unlessTooMuch(ask(WITH_LINES, files));
  if (without === 0 && lines) return { commits: lines, filesWithoutLines: 0 };
  const wanted = new Set(changes.flatMap(pathsOf));
  const all = await ask([], without === 0 ? files : []);
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

interface Walk {
  readonly command: readonly string[];
  readonly range: readonly string[];
  readonly input?: string;
}

/** Git follows first parents by itself; any other line is told step by step. */
function walkOf({ oids, isFirstParents }: MainLine, count: number): Walk {
  if (!isFirstParents) return { command: STEPS, range: [], input: stepsOf(oids, oids.slice(0, count)) };
  const until = oids[count];
  return { command: LOG, range: [oids[0] ?? '', ...(until === undefined ? [] : [`^${until}`])] };
}

/** Commits of main, each with what main was before it, as `git diff-tree --stdin` takes them. */
export function stepsOf(line: readonly Oid[], commits: readonly Oid[]): string {
  const before = new Map(line.map((oid, at) => [oid, line[at + 1]]));
  return commits.map((oid) => `${[oid, before.get(oid)].filter(Boolean).join(' ')}\n`).join('');
}

async function commitsIn(
  git: Git,
  cwd: string,
  {
    command,
    range,
    input,
    args,
    files,
  }: Walk & { readonly args: readonly string[]; readonly files: readonly string[] },
): Promise<readonly LandedCommit[]> {
  const options = { cwd, encoding: 'latin1', settings: SETTINGS, ...(input === undefined ? {} : { input }) } as const;
  const text = new ChangesText(await git.text([...command, ...CHANGES, ...args, ...range, '--', ...files], options));
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
