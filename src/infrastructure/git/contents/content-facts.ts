import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RepositoryFacts, RepositoryRef } from '../../../application/ports/git-workspace';
import type { Git } from '../command/git-command';
import { removeTree } from '../run-clone/work-folders';
import { folderList } from './folder-list';
import { lfsFilesIn } from './lfs-files';
import { lfsFault, storeIn } from './lfs-store';
import { planSubmodules } from './plan-submodules';
import { sourcesIn } from './submodule-sources';
import { treeContents, type TreeContents } from './tree-contents';

/** What runs of the head will lack, or could not do without. */
export async function contentFacts(
  git: Git,
  { path: cwd, submodules }: RepositoryRef,
  gitDir: string,
  { base, head }: { base: string | undefined; head: string | undefined },
): Promise<Pick<RepositoryFacts, 'unsupported' | 'emptyFolders'>> {
  if (head === undefined) return { unsupported: [] };
  const sources = sourcesIn(gitDir, submodules);
  const contents = await treeContents(git, cwd, head);
  const { empty, faults } = await planSubmodules(git, cwd, { oid: head, baseOid: base ?? head, contents, sources });
  const emptyFolders = folderList(empty);
  const lfs = contents.hasAttributes ? await lfsFaultOf(git, gitDir, { oid: head, contents }) : null;
  return { unsupported: [...faults, ...(lfs === null ? [] : [lfs])], ...(emptyFolders ? { emptyFolders } : {}) };
}

async function lfsFaultOf(
  git: Git,
  gitDir: string,
  commit: { readonly oid: string; readonly contents: TreeContents },
): Promise<string | null> {
  const scratch = await mkdtemp(join(tmpdir(), 'stagegate-lfs-'));
  try {
    const files = await lfsFilesIn(git, { gitDir, scratch }, commit);
    return await lfsFault(git, scratch, files, storeIn(gitDir));
  } finally {
    await removeTree(scratch);
  }
}
