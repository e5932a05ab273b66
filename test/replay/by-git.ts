import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { Ground, Target } from './ground';

export interface Sides {
  readonly base: string;
  readonly head: string;
}

/** A commit on top of main, and the commit of the branch that it is a copy of; or that itself, where it stayed. */
export interface Copy {
  readonly oid: string;
  readonly tree: string;
  readonly original: string;
}

/** What git makes of a branch by itself. */
export type ByGit =
  | { readonly kind: 'landed'; readonly tip: string; readonly tree: string; readonly copies: readonly Copy[] }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'conflict'; readonly paths: readonly string[] }
  | { readonly kind: 'refused'; readonly detail: string };

export type Expected = ByGit & {
  readonly how: 'rebase' | 'merge';
  /** Commits of the branch without its merges, the first one first, and those of them that are not on main in the end. */
  readonly originals: readonly string[];
  readonly leftOut: readonly string[];
};

/** A work tree in which git puts the branches of one repository on main, one after the other. */
export class GitBySide {
  private readonly dir: string;
  private readonly rewritten: string;
  private readonly git: Ground['git'];

  constructor(ground: Ground, target: Target) {
    this.git = ground.git;
    ({ dir: this.dir, rewritten: this.rewritten } = ground.workTree(target));
  }

  /** `git rebase main`, or `git merge` into main where the branch has merges of its own. */
  expected(sides: Sides): Expected {
    const { base, head } = sides;
    const range = `${base}..${head}`;
    const originals = this.git.lines(this.dir, ['rev-list', '--reverse', '--topo-order', '--no-merges', range]);
    const hasMerges = this.git.text(this.dir, ['rev-list', '--merges', '--max-count=1', range]) !== '';
    const ended = hasMerges ? this.merge(sides) : this.rebase(sides, originals);
    const kept = ended.kind === 'landed' ? ended.copies.map(({ original }) => original) : [];
    const isAllOut = ended.kind === 'landed' || ended.kind === 'nothing';
    const leftOut = isAllOut && !hasMerges ? originals.filter((oid) => !kept.includes(oid)) : [];
    return { ...ended, how: hasMerges ? 'merge' : 'rebase', originals, leftOut };
  }

  /** The tree of a merge; null where it has conflicts. */
  mergedTree({ base, head }: Sides): string | null {
    this.checkOut(base);
    const merged = this.git.run(this.dir, ['merge', '--quiet', '--no-ff', '--no-edit', head]);
    return merged.status === 0 ? this.git.text(this.dir, ['rev-parse', 'HEAD^{tree}']) : null;
  }

  private rebase({ base, head }: Sides, originals: readonly string[]): ByGit {
    this.checkOut(head);
    rmSync(this.rewritten, { force: true });
    const { status, stderr } = this.git.run(this.dir, ['rebase', '--quiet', base]);
    if (status !== 0) return this.stopped(stderr, ['rebase', '--abort']);
    const tip = this.tip();
    if (tip === base) return { kind: 'nothing' };
    const list = ['log', '--format=%H %T', '--reverse', '--topo-order', `${base}..${tip}`];
    const origins = this.origins();
    const copies = this.git.lines(this.dir, list).map((line) => {
      const [oid = '', tree = ''] = line.split(' ');
      return { oid, tree, original: originals.includes(oid) ? oid : (origins.get(oid) ?? '') };
    });
    return { kind: 'landed', tip, tree: this.treeOf(tip), copies };
  }

  /** What a rebase has told its hook. One that was dropped goes by the name of the copy before it. */
  private origins(): ReadonlyMap<string, string> {
    const text = existsSync(this.rewritten) ? readFileSync(this.rewritten, 'latin1') : '';
    const origins = new Map<string, string>();
    for (const line of text.split('\n').filter(Boolean)) {
      const [original = '', copy = ''] = line.split(' ');
      if (!origins.has(copy)) origins.set(copy, original);
    }
    return origins;
  }

  private merge({ base, head }: Sides): ByGit {
    this.checkOut(base);
    const { status, stderr } = this.git.run(this.dir, ['merge', '--quiet', '--no-edit', head]);
    if (status !== 0) return this.stopped(stderr, ['merge', '--abort']);
    const tip = this.tip();
    const tree = this.treeOf(tip);
    const isSame = tip !== head && tree === this.treeOf(base);
    return tip === base || isSame ? { kind: 'nothing' } : { kind: 'landed', tip, tree, copies: [] };
  }

  private stopped(stderr: string, abort: readonly string[]): ByGit {
    const unmerged = this.git.text(this.dir, ['ls-files', '--unmerged', '-z']);
    const paths = unmerged.split('\0').filter(Boolean);
    if (paths.length === 0) return { kind: 'refused', detail: stderr.trim().split('\n')[0] ?? '' };
    this.git.text(this.dir, abort);
    return { kind: 'conflict', paths: [...new Set(paths.map((line) => line.slice(line.indexOf('\t') + 1)))].map(utf8) };
  }

  private checkOut(oid: string): void {
    this.git.run(this.dir, ['rebase', '--quit']);
    this.git.text(this.dir, ['checkout', '--quiet', '--force', '--detach', oid]);
    this.git.text(this.dir, ['clean', '-ffdxq']);
  }

  private tip(): string {
    return this.git.text(this.dir, ['rev-parse', 'HEAD']);
  }

  private treeOf(oid: string): string {
    return this.git.text(this.dir, ['rev-parse', `${oid}^{tree}`]);
  }
}

function utf8(path: string): string {
  return Buffer.from(path, 'latin1').toString('utf8');
}
