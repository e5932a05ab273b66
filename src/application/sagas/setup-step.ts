import type { Digest } from '../../domain/ids';
import { canonicalJson } from '../../domain/json';
import type { SuitePolicy } from '../../domain/policy/project-policy';
import { storableText } from '../../domain/storable';
import type { SetupNote } from '../../domain/task/task.events';
import type { Hasher } from '../ports/ids';
import type { PendingSetup, SetupCache, SetupPlan } from '../ports/setup-cache';

export interface SetupDeps {
  readonly hasher: Hasher;
  readonly setups: SetupCache;
}

const DETAIL_CHARS = 300;

/** @returns what an earlier set-up has spared; what will keep this one; null where the project keeps none. */
export async function restoredSetup(
  { hasher, setups }: SetupDeps,
  { suite, project, cwd }: { readonly suite: SuitePolicy; readonly project: string; readonly cwd: string },
  environment: Digest,
): Promise<'restored' | PendingSetup | null> {
  const { cache, setup } = suite;
  if (!cache) return null;
  const plan: SetupPlan = {
    project,
    folders: cache.folders,
    keyFiles: cache.key,
    digest: hasher.sha256(canonicalJson({ setup, environment })),
    maxBytes: cache.maxBytes,
  };
  return setups.restore(plan, cwd);
}

export const RESTORED: SetupNote = { cache: 'restored' };

/** To be called when the set-up has ended well. */
export async function keepSetup(pending: PendingSetup, treeOid: string): Promise<SetupNote> {
  const why = await pending.keep(treeOid);
  return why === null ? { cache: 'kept' } : { cache: 'not-kept', detail: storableText(why, DETAIL_CHARS) };
}
