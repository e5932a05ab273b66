import { GitBySide, type Expected, type Sides } from './by-git';
import { landByCli } from './by-cli';
import { Product, type Actual } from './by-product';
import { differences } from './compare';
import { Ground, type Target } from './ground';
import { mergesOf, type Merge } from './merges';

/** What became of one merge. */
export interface Replayed {
  readonly merge: Merge;
  readonly way: 'workspace' | 'cli';
  readonly how: Expected['how'];
  readonly outcome: Actual['kind'];
  /** Of a refusal. */
  readonly reason: string | null;
  /** What landed beside what is upstream: the same tree, or why not. */
  readonly upstream: 'same' | 'solved otherwise' | 'rebase is no merge' | null;
  readonly leftOut: number;
  readonly differences: readonly string[];
}

export interface Replay {
  readonly name: string;
  readonly replayed: readonly Replayed[];
  /** Merges of several branches at once: nothing lands like that. */
  readonly octopuses: readonly string[];
}

/**
 * Lands the branch of each merge on what main was before it, and compares that with what git makes of it.
 *
 * @param options `cliEvery`: each so-manieth goes through the whole program too; null for none of them.
 */
export async function replayMerges(
  repo: string,
  {
    name,
    main,
    merges: most,
    cliEvery,
  }: { name: string; main: string | null; merges: number; cliEvery: number | null },
): Promise<Replay> {
  const ground = new Ground(repo);
  try {
    const merges = mergesOf(ground.git, repo, { main, most });
    const targets = { workspace: ground.target('workspace'), cli: ground.target('cli') };
    const field = {
      ground,
      targets,
      git: new GitBySide(ground, targets.workspace),
      product: new Product(ground, targets.workspace),
    };
    const pairs = merges.filter(({ heads }) => heads.length === 1);
    const replayed: Replayed[] = [];
    for (const [at, merge] of pairs.entries()) {
      const isByCli = cliEvery !== null && (at + 1) % cliEvery === 0;
      replayed.push(...(await replayOne(field, merge, isByCli)));
    }
    const octopuses = merges.filter(({ heads }) => heads.length > 1).map(({ oid }) => oid);
    return { name, replayed, octopuses };
  } finally {
    ground.dispose();
  }
}

interface Field {
  readonly ground: Ground;
  readonly targets: Readonly<Record<Replayed['way'], Target>>;
  readonly git: GitBySide;
  readonly product: Product;
}

async function replayOne(field: Field, merge: Merge, isByCli: boolean): Promise<readonly Replayed[]> {
  const { git, targets, product } = field;
  const sides = { base: merge.base, head: merge.heads[0] ?? '' };
  const expected = git.expected(sides);
  const one = await compared(field, { merge, sides, expected }, 'workspace', () => product.land(sides));
  if (!isByCli) return [one];
  return [one, await compared(field, { merge, sides, expected }, 'cli', () => landByCli(targets.cli, sides))];
}

async function compared(
  { ground, targets, git }: Field,
  { merge, sides, expected }: { readonly merge: Merge; readonly sides: Sides; readonly expected: Expected },
  way: Replayed['way'],
  land: () => Promise<Actual>,
): Promise<Replayed> {
  const target = targets[way];
  target.rewind(sides);
  const before = target.rest();
  const actual = await land();
  const rest = { before, after: target.rest() };
  return {
    merge,
    way,
    how: expected.how,
    outcome: actual.kind,
    reason: actual.kind === 'refused' ? actual.reason : null,
    upstream:
      expected.kind === 'landed' ? besideUpstream({ ground, git }, { merge, sides, tree: expected.tree }) : null,
    leftOut: expected.leftOut.length,
    differences: differences(ground.git, target, { sides, expected, actual, rest }),
  };
}

function besideUpstream(
  { ground, git }: Pick<Field, 'ground' | 'git'>,
  { merge, sides, tree }: { readonly merge: Merge; readonly sides: Sides; readonly tree: string },
): Replayed['upstream'] {
  const upstream = ground.git.text(ground.root, ['-C', 'workspace.git', 'rev-parse', `${merge.oid}^{tree}`]);
  if (upstream === tree) return 'same';
  return git.mergedTree(sides) === upstream ? 'rebase is no merge' : 'solved otherwise';
}
