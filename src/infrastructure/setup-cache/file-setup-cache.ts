import { createHash } from 'node:crypto';
import { lstat, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../application/ports/log';
import { SetupCache, type PendingSetup, type SetupPlan } from '../../application/ports/setup-cache';
import type { Digest, Oid } from '../../domain/ids';
import { withinSentence, wordsOf } from '../../domain/within-sentence';
import { removeTree } from '../git/work-folders';
import { CacheShelf } from './cache-shelf';
import { objectionToFolder } from './copy-folder';
import { differences, factsOf, uncopyableIn } from './folder-facts';

/** Named of what a set-up wrote elsewhere. */
const MOST_NAMED = 3;

/** Kept folders below the state folder, one shelf for each project. */
export class FileSetupCache extends SetupCache {
  constructor(
    private readonly stateDir: string,
    private readonly out: Log,
  ) {
    super();
  }

  async restore(plan: SetupPlan, cwd: string): Promise<'restored' | PendingSetup> {
    const key = await keyOf(plan, cwd);
    for (const folder of plan.folders)
      if ((await objectionToFolder(cwd, folder)) === null) return refusing(`${folder} is part of the commit`);
    if (await this.copiedOut(plan, key, cwd)) return 'restored';
    const before = await factsOf(cwd, plan.folders);
    return {
      keep: async (treeOid) => {
        try {
          return (await objectionTo(plan, cwd, before)) ?? (await this.setAside(plan, key, cwd, treeOid));
        } catch (error) {
          return `it could not be copied: ${withinSentence(wordsOf(error))}`;
        }
      },
    };
  }

  async offer(project: string, treeOid: Oid): Promise<void> {
    try {
      await this.shelf(project).offer(treeOid);
    } catch (error) {
      this.out.warn('what a set-up has made could not be offered to later runs', { project, error: String(error) });
    }
  }

  private async copiedOut({ project, folders }: SetupPlan, key: Digest, cwd: string): Promise<boolean> {
    try {
      if (await this.shelf(project).copyOut(key, cwd, folders)) return true;
    } catch (error) {
      this.out.warn('a kept set-up could not be used; the set-up runs', { project, error: String(error) });
    }
    // Nothing of half a copy may be there when the set-up runs.
    for (const folder of folders) await removeTree(join(cwd, folder));
    return false;
  }

  private setAside({ project, folders, maxBytes }: SetupPlan, key: Digest, cwd: string, treeOid: Oid) {
    return this.shelf(project).setAside(key, { cwd, folders, treeOid, maxBytes });
  }

  private shelf(project: string): CacheShelf {
    return new CacheShelf(join(setupCacheDir(this.stateDir), project));
  }
}

/** Where all of it is. */
export function setupCacheDir(stateDir: string): string {
  return join(stateDir, 'setup-cache');
}

function refusing(why: string): PendingSetup {
  return { keep: () => Promise.resolve(why) };
}

/** What a copy of the folders alone would leave out. */
async function objectionTo(
  { folders }: SetupPlan,
  cwd: string,
  before: ReadonlyMap<string, string>,
): Promise<string | null> {
  for (const folder of folders) {
    const objection = (await objectionToFolder(cwd, folder)) ?? (await uncopyableIn(join(cwd, folder)));
    if (objection !== null) return objection;
  }
  const elsewhere = differences(before, await factsOf(cwd, folders));
  if (elsewhere.length === 0) return null;
  const named = elsewhere.slice(0, MOST_NAMED).map(withinSentence).join(', ');
  const more = elsewhere.length > MOST_NAMED ? ` and ${elsewhere.length - MOST_NAMED} more` : '';
  return `it wrote elsewhere too: ${named}${more}`;
}

async function keyOf({ folders, keyFiles, digest }: SetupPlan, cwd: string): Promise<Digest> {
  const contents = await Promise.all(keyFiles.map(async (path) => [path, await contentOf(join(cwd, path))]));
  return createHash('sha256')
    .update(JSON.stringify([digest, folders, contents]))
    .digest('hex');
}

/** What stands at a path, and what kind of thing it is; null for nothing, and for what has no content. */
async function contentOf(path: string): Promise<string | null> {
  const stats = await lstat(path).catch(() => null);
  if (stats?.isSymbolicLink()) return `link ${await readlink(path)}`;
  if (!stats?.isFile()) return null;
  return `file ${createHash('sha256')
    .update(await readFile(path))
    .digest('hex')}`;
}
