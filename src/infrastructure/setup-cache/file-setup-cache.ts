import { join } from 'node:path';
import type { Logger } from '../../application/ports/logger';
import { SetupCache, type PendingSetup, type SetupPlan } from '../../application/ports/setup-cache';
import type { Digest, Oid } from '../../domain/ids';
import { listed } from '../../domain/task/words/seen-words';
import { withinSentence, wordsOf } from '../../domain/within-sentence';
import { removeTree } from '../git/run-clone/work-folders';
import { keyOf } from './cache-key';
import { CacheEntries } from './cache-entries';
import { differences, factsOf, uncopyableIn, type FolderFacts } from './folder-facts';
import { objectionToFolder, objectionToPlace } from './place-in-clone';

/** Named of what a set-up wrote elsewhere. */
const MOST_NAMED = 3;

/** Kept folders below the state folder, by project. */
export class FileSetupCache extends SetupCache {
  constructor(
    private readonly stateDir: string,
    private readonly logger: Logger,
  ) {
    super();
  }

  async restore(plan: SetupPlan, cwd: string): Promise<'restored' | PendingSetup> {
    try {
      return await this.restoreOrWatch(plan, cwd);
    } catch (error) {
      return refusing(`the clone could not be looked at: ${withinSentence(wordsOf(error))}`);
    }
  }

  private async restoreOrWatch(plan: SetupPlan, cwd: string): Promise<'restored' | PendingSetup> {
    for (const folder of plan.folders) {
      const objection = await objectionToPlace(cwd, folder);
      if (objection !== null) return refusing(objection);
    }
    const keyed = await keyOf(plan, cwd);
    if ('objection' in keyed) return refusing(keyed.objection);
    const { key } = keyed;
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
      await this.entriesOf(project).offer(treeOid);
    } catch (error) {
      this.logger.warn('what a set-up has made could not be offered to later runs', { project, error: String(error) });
    }
  }

  private async copiedOut({ project, folders }: SetupPlan, key: Digest, cwd: string): Promise<boolean> {
    try {
      if (await this.entriesOf(project).copyOut(key, cwd, folders)) return true;
    } catch (error) {
      this.logger.warn('a kept set-up could not be used; the set-up runs', { project, error: String(error) });
    }
    // Nothing of half a copy may be there when the set-up runs.
    for (const folder of folders) await removeTree(join(cwd, folder));
    return false;
  }

  private setAside({ project, folders, maxBytes }: SetupPlan, key: Digest, cwd: string, treeOid: Oid) {
    return this.entriesOf(project).setAside(key, { cwd, folders, treeOid, maxBytes });
  }

  private entriesOf(project: string): CacheEntries {
    return new CacheEntries(join(setupCacheDir(this.stateDir), project));
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
async function objectionTo({ folders }: SetupPlan, cwd: string, before: FolderFacts): Promise<string | null> {
  for (const folder of folders) {
    const objection = (await objectionToFolder(cwd, folder)) ?? (await uncopyableIn(join(cwd, folder)));
    if (objection !== null) return objection;
  }
  const elsewhere = differences(before, await factsOf(cwd, folders));
  if (elsewhere.length === 0) return null;
  return `it wrote elsewhere too: ${listed(elsewhere.map(withinSentence), MOST_NAMED).join(', ')}`;
}
