import type { Digest, Oid } from '../../domain/ids';

/** What a set-up's result depends on, and what of it is worth keeping. Paths are relative to the clone. */
export interface SetupPlan {
  readonly project: string;
  readonly folders: readonly string[];
  /** Their contents are part of the key; what is not there counts as not there. */
  readonly keyFiles: readonly string[];
  /** Of everything else that the key has to name: command, variables, operating system. */
  readonly digest: Digest;
  /** Most that is kept for the project, in bytes. */
  readonly maxBytes: number;
}

/** A set-up that is about to run in a clone. */
export interface PendingSetup {
  /**
   * Copies the folders for later. To be called when the set-up has ended well, and before the suite begins: what a suite
   * writes is nobody else's business.
   *
   * @param treeOid tree that the clone has checked out; others get the folders when that has landed.
   * @returns why nothing is kept, in words for people; null when it is.
   */
  keep(treeOid: Oid): Promise<string | null>;
}

/** Folders that set-ups have made, kept for later runs. A fault of it costs a set-up, never a run. */
export abstract class SetupCache {
  /**
   * Puts kept folders into a fresh clone, as copies of its own.
   *
   * @returns `restored` when the set-up need not run; else what will keep the folders, once it has.
   */
  abstract restore(plan: SetupPlan, cwd: string): Promise<'restored' | PendingSetup>;
  /** From now on others get what was kept of this tree: it has landed. */
  abstract offer(project: string, treeOid: Oid): Promise<void>;
}
