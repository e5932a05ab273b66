import type { Git } from '../command/git-command';
import type { GitPath } from './paths';

/** One path that differs between two commits; null where it is not there. */
export interface Touched {
  readonly path: GitPath;
  readonly before: Entry | null;
  readonly after: Entry | null;
}

export interface Entry {
  /** As git writes it: `100644`. */
  readonly mode: string;
  readonly oid: string;
}

const SUBMODULE = '160000';

/** Every path that the way from one commit to another adds, changes or removes. */
export async function touchedBetween(git: Git, cwd: string, base: string, next: string): Promise<readonly Touched[]> {
  const args = ['diff-tree', '-r', '-z', '--no-renames', '--no-ext-diff', base, next];
  const fields = (await git.text(args, { cwd, encoding: 'latin1' })).split('\0');
  const touched: Touched[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [oldMode = '', newMode = '', oldOid = '', newOid = ''] = (fields[at] ?? '').slice(1).split(' ');
    touched.push({ path: fields[at + 1] ?? '', before: entry(oldMode, oldOid), after: entry(newMode, newOid) });
  }
  return touched;
}

function entry(mode: string, oid: string): Entry | null {
  return /^0+$/.test(mode) ? null : { mode, oid };
}

/** A folder of its own, which git leaves alone. */
export function isSubmodule({ before, after }: Touched): boolean {
  return before?.mode === SUBMODULE || after?.mode === SUBMODULE;
}

export function isSame(one: Entry | null, other: Entry | null): boolean {
  return one?.mode === other?.mode && one?.oid === other?.oid;
}
