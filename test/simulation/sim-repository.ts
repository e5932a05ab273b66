import { createHash } from 'node:crypto';
import type { Random } from './random';
import { drawnRevert } from './sim-reverts';

export interface SimCommit {
  readonly oid: string;
  readonly tree: string;
  readonly parent: string | null;
  /** The suite fails on any tree that holds this change. */
  readonly isRed: boolean;
  /** Changes with the same number cannot both be merged without a conflict. */
  readonly touches: number;
  /** Takes out what main has to keep. */
  readonly losesMarker?: boolean;
  /** Takes back what main has, and says so or not. */
  readonly takesBack?: 'silently' | 'by word' | undefined;
}

/** The target repository of one project: commits, branches, main, and the refs that the service keeps there. */
export class SimRepository {
  readonly commits = new Map<string, SimCommit>();
  readonly branches = new Map<string, string>();
  readonly mainLog: string[] = [];
  readonly landedRefs = new Map<string, string>();
  readonly landedBy: { readonly task: string; readonly newOid: string }[] = [];
  /** Trees whose set-ups were offered to later runs. */
  readonly offered: string[] = [];
  /** Latest epoch of each log. */
  readonly epochs = new Map<string, string>();
  private serial = 0;

  /** @param markers, reverts draws of their own: which pushes take out what main has to keep, and take back what it has; left out, none does. */
  constructor(
    private readonly random: Random,
    private readonly markers: Random | null = null,
    private readonly reverts: Random | null = null,
  ) {
    const first = this.commit(null, { isRed: false, touches: -1 });
    this.mainLog.push(first.oid);
  }

  get main(): string {
    return this.mainLog.at(-1) ?? '';
  }

  commit(parent: string | null, change: Omit<SimCommit, 'oid' | 'tree' | 'parent'>): SimCommit {
    this.serial += 1;
    const oid = digest(`commit ${parent ?? ''} ${this.serial}`);
    const made: SimCommit = { oid, tree: digest(`tree ${parent ?? ''} ${this.serial}`), parent, ...change };
    this.commits.set(oid, made);
    return made;
  }

  /** A new commit on a branch, made from main if the branch is new. */
  push(branch: string, redRate: number): SimCommit {
    const parent = this.branches.get(branch) ?? this.main;
    const made = this.commit(parent, {
      isRed: this.random.chance(redRate),
      touches: this.random.below(12),
      losesMarker: this.markers?.chance(0.15) === true,
      takesBack: drawnRevert(this.reverts),
    });
    this.branches.set(branch, made.oid);
    return made;
  }

  /** Somebody outside the service pushes to main. */
  pushToMain(): void {
    this.mainLog.push(this.commit(this.main, { isRed: false, touches: this.random.below(40) }).oid);
  }

  /** Fast-forwards main to a branch that is ahead of it. */
  mergeIntoMain(branch: string): void {
    const head = this.branches.get(branch);
    if (head && head !== this.main && this.isAncestor(this.main, head)) this.mainLog.push(head);
  }

  hasMarker(oid: string): boolean {
    for (let at: string | null = oid; at; at = this.get(at).parent) if (this.get(at).losesMarker) return false;
    return true;
  }

  get(oid: string): SimCommit {
    const found = this.commits.get(oid);
    if (!found) throw new Error(`no commit ${oid}`);
    return found;
  }

  /** Of all its history: what somebody else merged is on main too, with commits below it that no landing put there. */
  treesOfMain(): ReadonlySet<string> {
    const trees = new Set<string>();
    for (let at: string | null = this.main; at; at = this.get(at).parent) trees.add(this.get(at).tree);
    return trees;
  }

  isAncestor(ancestor: string, oid: string): boolean {
    for (let at: string | null = oid; at; at = this.get(at).parent) if (at === ancestor) return true;
    return false;
  }

  /** Same inputs, same commit: a rebase that is repeated makes no second candidate. */
  rebase(headOid: string, baseOid: string): SimCommit | 'conflict' {
    const head = this.get(headOid);
    const since = this.mainLog.filter((oid) => !this.isAncestor(oid, headOid));
    if (since.some((oid) => this.get(oid).touches === head.touches)) return 'conflict';
    const oid = digest(`rebase ${headOid} ${baseOid}`);
    const made: SimCommit = {
      ...head,
      oid,
      tree: digest(`tree ${head.tree} ${this.get(baseOid).tree}`),
      parent: baseOid,
    };
    this.commits.set(oid, made);
    return made;
  }
}

function digest(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
