import { GitError, type RepositoryRef } from '../../../application/ports/git-workspace';
import type { TaskId } from '../../../domain/ids';
import { advanceRef } from './advance-ref';
import type { Git } from '../command/git-command';
import { taskRef } from '../command/names';

const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Blobs by file name. */
type Entries = ReadonlyMap<string, string>;

/**
 * Commits artifacts of a task under its own ref, so that they travel with the repository, beside those that were published
 * before. Same content, no new commit.
 */
export async function publishArtifacts(
  git: Git,
  { path: cwd }: RepositoryRef,
  task: TaskId,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  const published = await writeBlobs(git, cwd, files);
  await advanceRef(git, { cwd, ref: taskRef('artifacts', task) }, async (current) => {
    const before = current === null ? new Map<string, string>() : await entriesOf(git, cwd, current);
    if ([...published].every(([name, oid]) => before.get(name) === oid)) return null;
    const tree = await writeTree(git, cwd, new Map([...before, ...published]));
    const parents = current === null ? [] : ['-p', current];
    return git.text(['commit-tree', tree, ...parents, '-m', `artifacts of ${task}`], { cwd });
  });
}

async function writeBlobs(git: Git, cwd: string, files: ReadonlyMap<string, string>): Promise<Entries> {
  const entries = new Map<string, string>();
  for (const [name, text] of files) {
    if (!FILE_NAME.test(name))
      throw new GitError('GIT_FAILED', `expected an artifact's name, saw ${JSON.stringify(name)}`);
    entries.set(name, await git.text(['hash-object', '-w', '--stdin'], { cwd, input: text }));
  }
  return entries;
}

async function entriesOf(git: Git, cwd: string, commit: string): Promise<Entries> {
  const lines = await git.text(['ls-tree', commit], { cwd });
  return new Map(
    [...lines.matchAll(/^100644 blob ([0-9a-f]+)\t(.+)$/gm)].map(([, oid = '', name = '']) => [name, oid]),
  );
}

function writeTree(git: Git, cwd: string, entries: Entries): Promise<string> {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const input = sorted.map(([name, oid]) => `100644 blob ${oid}\t${name}\n`).join('');
  return git.text(['mktree'], { cwd, input });
}
