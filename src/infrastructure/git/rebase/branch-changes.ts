import type { Git } from '../command/git-command';

/** One path that one commit changes. */
export interface Change {
  readonly commit: string;
  /** Of the entry as it is then. */
  readonly mode: string;
  /** Byte by byte (latin1). */
  readonly path: string;
}

/** What the commits between two change, but for those of merges. */
export async function changesBetween(
  git: Git,
  cwd: string,
  { baseOid, headOid }: { readonly baseOid: string; readonly headOid: string },
): Promise<readonly Change[]> {
  const options = ['--format=%H', '--raw', '-r', '-z', '--no-abbrev', '--no-renames'];
  const fields = (
    await git.text(['log', ...options, `${baseOid}..${headOid}`, '--'], { cwd, encoding: 'latin1' })
  ).split('\0');
  const changes: Change[] = [];
  let commit = '';
  for (let at = 0; at < fields.length; at += 1) {
    // The first one of a commit begins on a line of its own.
    const field = (fields[at] ?? '').replace(/^\n/, '');
    if (!field.startsWith(':')) {
      commit = field;
      continue;
    }
    const [, mode = ''] = field.split(' ');
    at += 1;
    changes.push({ commit, mode, path: fields[at] ?? '' });
  }
  return changes;
}
