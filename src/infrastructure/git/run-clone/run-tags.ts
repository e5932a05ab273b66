import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from '../command/git-command';
import { packInto } from '../fetching/pack-into';

/** Where tags come from, and which ones. */
export interface TagSource {
  /** Git that may read the target. */
  readonly targetGit: Git;
  readonly target: string;
  /** Commit of main that the run is about; the target has it. */
  readonly baseOid: string;
}

/** What git says of a commit that it does not have. */
const UNKNOWN_COMMIT = 129;

/**
 * Gives a run's clone the tags of what it has: those on main's history, and on the commit's where the target has it.
 *
 * @param cwd the clone; its objects are there.
 * @returns the pack that holds annotated tags; null when there are none.
 */
export async function bringTags(
  source: TagSource,
  { cwd, oid }: { readonly cwd: string; readonly oid: string },
): Promise<string | null> {
  const tags = await tagsOf(source, oid);
  if (tags.length === 0) return null;
  await appendFile(join(cwd, '.git/packed-refs'), tags.map(({ name, oid: of }) => `${of} ${name}\n`).join(''));
  const annotated = tags.filter(({ type }) => type === 'tag');
  return annotated.length === 0 ? null : packTags(source, cwd, annotated);
}

interface Tag {
  readonly oid: string;
  readonly type: string;
  readonly name: string;
}

async function tagsOf({ targetGit, target: cwd, baseOid }: TagSource, oid: string): Promise<readonly Tag[]> {
  const list = (merged: readonly string[], answers: readonly number[]) =>
    targetGit.run(
      [
        'for-each-ref',
        ...merged.map((commit) => `--merged=${commit}`),
        '--format=%(objectname) %(objecttype) %(refname)',
        'refs/tags',
      ],
      { cwd, answers },
    );
  // Without a look at what they are on: many repositories have none.
  if ((await list([], [0])).stdout === '') return [];
  const both = await list([baseOid, oid], [0, UNKNOWN_COMMIT]);
  // A commit that a rebase has made is in the service's own clone only, and nobody has tagged it.
  const { stdout } = both.exitCode === 0 ? both : await list([baseOid], [0]);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [tagged = '', type = '', name = ''] = line.split(' ');
      return { oid: tagged, type, name };
    });
}

/** The tags themselves, without what they are on: that is there. */
async function packTags({ targetGit, target, baseOid }: TagSource, cwd: string, tags: readonly Tag[]): Promise<string> {
  const query = ['rev-parse', '--path-format=absolute', '--git-path', 'objects'];
  const objects = await targetGit.text(query, { cwd: target });
  const input = [...tags.map(({ oid }) => oid), `^${baseOid}`].map((line) => `${line}\n`).join('');
  return packInto(targetGit, { from: target, objects, into: cwd, input });
}
