import type { CommitList } from '../../src/domain/task/task.events';
import type { Copy, Expected, Sides } from './by-git';
import type { Actual } from './by-product';
import { rawCommits } from './commits';
import type { Target } from './ground';
import type { PlainGit } from './plain-git';

/** What a branch may be refused for: git would have made something of it, and it could not be tested or checked out. */
const REFUSALS: ReadonlySet<string> = new Set(['unrelated-history', 'unusable-branch', 'submodules', 'lfs']);

export interface Compared {
  readonly sides: Sides;
  readonly expected: Expected;
  readonly actual: Actual;
  /** Everything of the target that no landing may touch, before and after. */
  readonly rest: { readonly before: string; readonly after: string };
}

/** @returns what differs between git and the product, a line each; none where they are alike. */
export function differences(git: PlainGit, target: Target, compared: Compared): readonly string[] {
  const { sides, expected, actual, rest } = compared;
  const found = [];
  if (rest.before !== rest.after) found.push('the target: expected nothing but main and refs of the service to change');
  const main = target.main();
  const mainExpected = actual.kind === 'landed' ? actual.tip : sides.base;
  if (main !== mainExpected) found.push(`main: expected ${mainExpected}, saw ${main}`);
  if (git.run(target.dir, ['merge-base', '--is-ancestor', sides.base, main]).status !== 0)
    found.push(`main: expected it to move forward from ${sides.base}, saw ${main}`);
  if (actual.kind === 'refused')
    return REFUSALS.has(actual.reason) ? found : [...found, `refused: ${actual.reason}: ${actual.detail}`];
  if (actual.kind !== expected.kind) return [...found, `outcome: expected ${shown(expected)}, saw ${shown(actual)}`];
  if (actual.kind === 'conflict' && expected.kind === 'conflict') found.push(...ofPaths(expected.paths, actual.paths));
  if (actual.kind === 'landed' && expected.kind === 'landed')
    found.push(...ofCommits(git, target, { sides, expected, tip: actual.tip }));
  if (expected.how === 'rebase' && 'notes' in actual && actual.notes)
    found.push(...ofLeftOut(expected.leftOut, actual.notes.skipped));
  return found;
}

function shown(one: Expected | Actual): string {
  if (one.kind === 'conflict') return `conflict in ${one.paths?.join(', ') ?? 'some files'}`;
  return 'detail' in one ? `${one.kind}: ${one.detail}` : one.kind;
}

function ofPaths(expected: readonly string[], actual: readonly string[] | null): readonly string[] {
  if (actual === null) return [];
  const [wanted, seen] = [expected, actual].map((paths) => [...new Set(paths)].sort().join(', '));
  return wanted === seen ? [] : [`paths of the conflict: expected ${wanted}, saw ${seen}`];
}

type Landed = Extract<Expected, { kind: 'landed' }>;

function ofCommits(
  git: PlainGit,
  { dir }: Target,
  { sides, expected, tip }: { readonly sides: Sides; readonly expected: Landed; readonly tip: string },
): readonly string[] {
  if (expected.how === 'merge') return ofMerge(git, dir, { sides, expected, tip });
  const list = git.lines(dir, ['rev-list', '--reverse', '--topo-order', `${sides.base}..${tip}`]);
  if (list.length !== expected.copies.length)
    return [`commits on top of main: expected ${expected.copies.length}, saw ${list.length}`];
  const copies = rawCommits(git, dir, list);
  const originals = rawCommits(
    git,
    dir,
    expected.copies.map(({ original }) => original),
  );
  return expected.copies.flatMap((wanted, at) => {
    const [oid, copy, original] = [list[at], copies[at], originals[at]];
    if (wanted.oid === wanted.original) return oid === wanted.oid ? [] : [differs(wanted, 'id', wanted.oid, oid)];
    return [
      ...KEPT.map((key) => ({ key, is: copy?.[key], was: original?.[key] })),
      { key: 'tree', is: copy?.tree, was: wanted.tree },
    ].flatMap(({ key, is, was }) => (is === was ? [] : [differs(wanted, key, was, is)]));
  });
}

/** What a copy has byte by byte as its original has it. */
const KEPT = ['author', 'encoding', 'message'] as const;

function differs({ original }: Copy, what: string, expected = 'none', seen = 'none'): string {
  return `${what} of ${original}: expected ${JSON.stringify(expected)}, saw ${JSON.stringify(seen)}`;
}

function ofMerge(
  git: PlainGit,
  dir: string,
  { sides, expected, tip }: { readonly sides: Sides; readonly expected: Landed; readonly tip: string },
): readonly string[] {
  if (expected.tip === sides.head) return tip === sides.head ? [] : [`main: expected ${sides.head}, saw ${tip}`];
  const [merge] = rawCommits(git, dir, [tip]);
  const [parents, seen] = [`${sides.base} ${sides.head}`, merge?.parents.join(' ') ?? 'none'];
  return [
    ...(parents === seen ? [] : [`parents of the merge: expected ${parents}, saw ${seen}`]),
    ...(merge?.tree === expected.tree ? [] : [`tree: expected ${expected.tree}, saw ${merge?.tree ?? 'none'}`]),
  ];
}

/** Notes name the first few of them and count the others. */
function ofLeftOut(expected: readonly string[], skipped: CommitList | undefined): readonly string[] {
  const { count, commits } = skipped ?? { count: 0, commits: [] };
  const named = commits.map(({ oid }) => oid);
  const isSame = count === expected.length && named.every((oid, at) => oid === expected[at]);
  const seen = `${count}: ${named.join(', ')}`;
  return isSame ? [] : [`left out: expected ${expected.length}: ${expected.join(', ')}; saw ${seen}`];
}
