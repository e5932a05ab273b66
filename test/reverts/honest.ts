import type { Random } from '../simulation/random';
import { add, all, chmod, indent, line, lines, remove, rename, replace, write, type Edit } from './edits';
import type { Commit, Tree, Trees } from './trees';

export interface Merge {
  readonly kind: string;
  readonly base: Commit;
  readonly candidate: Commit;
  readonly head: Commit;
}

const FILES = 60;
/** How often each kind of change is made, of 100. */
const KINDS = {
  edit: 34,
  'edits what just landed': 12,
  'adds files': 8,
  'deletes a file': 4,
  renames: 5,
  'changes a mode': 2,
  'formats files': 3,
  'moves code': 5,
  'picks a commit of main': 6,
  'reverts by git': 5,
  'reverts a revert': 3,
  'reverts without a word, and nothing else': 1,
  'deletes what landed lately': 2,
  'stands on another branch': 6,
  'merges main': 4,
} as const;
type Kind = keyof typeof KINDS;

/** A branch on which the next one may stand. */
interface Pending {
  readonly edit: Edit;
  readonly fork: Commit;
}

interface Landed {
  readonly commit: Commit;
  readonly edit: Edit;
  readonly isRevert: boolean;
}

/** A main onto which honest branches land: whatever they do to what has landed is meant, and nobody else's work is lost. */
export function honestMerges(random: Random, trees: Trees, count: number): readonly Merge[] {
  const start: Tree = new Map(
    Array.from({ length: FILES }, (_, at) => [
      `src/part-${at % 8}/file-${at}.js`,
      { mode: '100644', lines: lines(random, 20 + random.below(40)) } as const,
    ]),
  );
  const main: Landed[] = [{ commit: trees.commit(start, [], 'Begin'), edit: (tree) => tree, isRevert: false }];
  const merges: Merge[] = [];
  let pending: Pending | null = null;
  while (merges.length < count) {
    const kind = drawn(random);
    const base = (main.at(-1) as Landed).commit;
    const isRevert = kind.startsWith('reverts');
    const fork = isRevert ? base : (main[Math.max(0, main.length - 1 - random.below(12))] as Landed).commit;
    const made = changeOf(kind, random, { fork, main });
    if (!made) continue;
    const below: Pending | null = kind === 'stands on another branch' ? pending : null;
    const edit: Edit = below ? all([below.edit, made.edit]) : made.edit;
    const onFork = edit((below?.fork ?? fork).tree);
    const tree = below ? landedOn(base.tree, [below.edit, made.edit]) : edit(base.tree);
    if (!onFork || !tree || sameTree(tree, base.tree)) continue;
    let head = trees.commit(onFork, [below?.fork ?? fork], made.message);
    if (kind === 'merges main') head = trees.commit(tree, [head, base], 'Merge main');
    const isMerged = random.chance(0.3);
    const candidate = isMerged
      ? trees.commit(tree, [base, head], `Merge ${merges.length}`)
      : trees.commit(tree, [base], made.message);
    merges.push({ kind, base, candidate, head });
    main.push({ commit: candidate, edit, isRevert });
    pending = random.chance(0.5) ? { edit, fork } : null;
  }
  return merges;
}

/** What is on main already is not done again. */
function landedOn(tree: Tree, edits: readonly Edit[]): Tree | null {
  return edits.reduce<Tree | null>((so, edit) => (so === null ? null : (edit(so) ?? so)), tree);
}

function drawn(random: Random): Kind {
  let left = random.below(100);
  for (const [kind, share] of Object.entries(KINDS) as [Kind, number][]) if ((left -= share) < 0) return kind;
  return 'edit';
}

interface Made {
  readonly edit: Edit;
  readonly message: string;
}

function changeOf(
  kind: Kind,
  random: Random,
  { fork, main }: { readonly fork: Commit; readonly main: readonly Landed[] },
): Made | null {
  const tree = fork.tree;
  const path = () => random.pick([...tree.keys()]);
  const says = (edit: Edit): Made => ({ edit, message: `${kind} ${random.hex(4)}` });
  const some = () => Array.from({ length: 1 + random.below(3) }, () => editOf(random, tree, path()));
  const recent = main.slice(-20).filter(({ commit }) => commit.parents.length > 0);
  // What main has taken back since is not picked: that would be a revert of the revert, without a word.
  const newest = (main.at(-1) as Landed).commit.tree;
  const picked = recent.filter(({ isRevert, edit }) => !isRevert && edit(newest) === null);
  switch (kind) {
    case 'edit':
    case 'stands on another branch':
    case 'merges main':
      return says(all(some()));
    case 'edits what just landed':
      return recent.length === 0 ? null : says(all([furtherOf(random, tree, random.pick(recent).commit), ...some()]));
    case 'adds files':
      return says(all([add(`src/new/${random.hex(6)}.js`, lines(random, 12)), ...some()]));
    case 'deletes a file':
      return says(all([removeAsOf(tree, path()), ...some()]));
    case 'renames': {
      const from = path();
      const to = random.chance(0.3) ? from.replace('file', 'File') : `src/moved/${random.hex(6)}.js`;
      return says(all([rename(from, to), editOf(random, tree, from, to)]));
    }
    case 'changes a mode':
      return says(all([chmod(path()), ...some()]));
    case 'formats files':
      return says(all([indent(path()), indent(path())]));
    case 'moves code':
      return says(movedOf(random, tree, path(), path()));
    case 'picks a commit of main':
      return picked.length === 0 ? null : says(all([optional(random.pick(picked).edit), ...some()]));
    case 'deletes what landed lately':
      return recent.length === 0 ? null : says(all([partlyGone(random, random.pick(recent).commit), ...some()]));
    case 'reverts by git':
    case 'reverts a revert':
    case 'reverts without a word, and nothing else': {
      const wanted = recent.filter(({ isRevert }) => isRevert === (kind === 'reverts a revert')).at(-1);
      const back = wanted && backwards(wanted.commit);
      if (!back) return null;
      const isSilent = kind.includes('without');
      return { edit: back, message: isSilent ? 'Undo it' : `Revert "it"\n\nThis reverts commit ${wanted.commit.oid}.` };
    }
  }
}

function editOf(random: Random, tree: Tree, path: string, as = path): Edit {
  const file = tree.get(path);
  if (!file || file.lines.length < 6) return (each) => each;
  const at = random.below(file.lines.length - 4);
  const from = file.lines.slice(at, at + 1 + random.below(3));
  return replace(as, from, random.chance(0.2) ? [] : lines(random, 1 + random.below(4)));
}

/** Lines that have just landed become others. */
function furtherOf(random: Random, tree: Tree, { tree: after, parents }: Commit): Edit {
  for (const [path, file] of after) {
    const before = new Set(parents[0]?.tree.get(path)?.lines);
    const fresh = tree.has(path) ? file.lines.filter((text) => !before.has(text)) : [];
    if (fresh[0] !== undefined && before.size > 0) return replace(path, [fresh[0]], [line(random)]);
  }
  return (each) => each;
}

/** One line of what has landed is taken out again, with another one put in elsewhere. */
function partlyGone(random: Random, { tree: after, parents }: Commit): Edit {
  for (const [path, file] of after) {
    const before = new Set(parents[0]?.tree.get(path)?.lines);
    const fresh = file.lines.filter((text) => !before.has(text));
    if (fresh.length > 1 && before.size > 0) return replace(path, [fresh[0] ?? ''], []);
  }
  return add(`src/new/${random.hex(6)}.js`, lines(random, 5));
}

function movedOf(random: Random, tree: Tree, from: string, to: string): Edit {
  const file = tree.get(from);
  const target = tree.get(to);
  if (!file || !target || from === to || file.lines.length < 12) return (each) => each;
  const block = file.lines.slice(2, 2 + 3 + random.below(5));
  const at = target.lines[0] ?? '';
  return all([replace(from, block, []), replace(to, [at], [at, ...block])]);
}

/** Git does not delete what somebody has edited meanwhile: that is a conflict. */
function removeAsOf(fork: Tree, path: string): Edit {
  return (tree) => (tree.get(path) === fork.get(path) ? remove(path)(tree) : null);
}

function optional(edit: Edit): Edit {
  return (tree) => edit(tree) ?? tree;
}

/** The files of a commit as they were before it, where nobody has changed them since. */
function backwards({ tree: after, parents }: Commit): Edit | null {
  const before = parents[0]?.tree;
  if (!before) return null;
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
  return (tree) => {
    if (paths.some((path) => tree.get(path) !== after.get(path))) return null;
    return paths.reduce<Tree | null>((so, path) => {
      const was = before.get(path);
      return so && (was ? write(path, was)(so) : remove(path)(so));
    }, tree);
  };
}

function sameTree(one: Tree, other: Tree): boolean {
  return one.size === other.size && [...one].every(([path, file]) => other.get(path) === file);
}
