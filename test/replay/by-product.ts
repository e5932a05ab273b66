import { join } from 'node:path';
import { BranchUnusable } from '../../src/application/ports/git-workspace';
import type { RebaseNotes } from '../../src/domain/task/task.events';
import { LocalGitWorkspace } from '../../src/infrastructure/git/local-git-workspace';
import type { Sides } from './by-git';
import { BRANCH, MAIN, type Ground, type Target } from './ground';

/** What the product makes of a branch; null where it was not asked for that. */
export type Actual =
  | { readonly kind: 'landed'; readonly tip: string; readonly notes: RebaseNotes | null }
  | { readonly kind: 'nothing'; readonly notes: RebaseNotes | null }
  | { readonly kind: 'conflict'; readonly paths: readonly string[] | null }
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string };

/** The service's own workspace with one target, without suites and without a log. */
export class Product {
  private readonly workspace: LocalGitWorkspace;
  private count = 0;

  constructor(
    ground: Ground,
    private readonly target: Target,
  ) {
    this.workspace = new LocalGitWorkspace({ stateDir: join(ground.root, 'state'), worker: 'host/boot/pid/1/1' });
  }

  async land(sides: Sides): Promise<Actual> {
    this.target.rewind(sides);
    try {
      return await this.landed();
    } catch (error) {
      if (!(error instanceof BranchUnusable)) throw error;
      return { kind: 'refused', reason: error.fault, detail: error.message };
    }
  }

  private async landed(): Promise<Actual> {
    const { workspace } = this;
    const repository = { project: 'replay', path: this.target.dir, main: MAIN };
    this.count += 1;
    const [task, branch, epoch] = [`replay.T-${this.count}`, BRANCH, String(this.count)];
    const heads = await workspace.fetch(repository, task, branch);
    if (heads.alreadyInMain) return { kind: 'nothing', notes: {} };
    const { headOid, baseOid } = heads;
    const candidate = heads.containsBase
      ? ({ kind: 'rebased', newOid: headOid, ...(await workspace.keepCandidate(repository, task, headOid)) } as const)
      : await workspace.rebase(repository, { task, branch, headOid, baseOid });
    if (candidate.kind === 'conflict') return candidate;
    const notes = ('notes' in candidate && candidate.notes) || {};
    if (candidate.kind === 'nothing-left') return { kind: 'nothing', notes };
    const { newOid } = candidate;
    const lease = await workspace.takeEpoch(repository, { task, epoch, log: 'a1b2c3' });
    const ended = await workspace.land(repository, {
      ...{ task, branch, headOid, baseOid, newOid, lease },
      claimRevision: epoch,
    });
    if (ended.kind !== 'landed') throw new Error(`${task}: expected it to land, saw ${ended.kind}`);
    return { kind: 'landed', tip: newOid, notes };
  }
}
