import type { Random } from '../simulation/random';
import { add, all, chmod, lines, remove, rename, replace, write, type Edit } from './edits';
import type { Commit, Tree, Trees } from './trees';

/** A branch that takes somebody else's work back without a word. */
export interface SilentRevert {
  readonly base: Commit;
  readonly candidate: Commit;
  readonly head: Commit;
  /** Where, and whose work. */
  readonly path: string;
  readonly undone: Commit;
}

const OTHER_FILES = 12;

export const SHAPES = [
  'the old version of a file',
  'a deleted file that is back',
  'a new file that is gone',
  'lines that are gone from a file that the branch edits',
  'a mode or a name as before',
  'a whole landing backwards',
] as const;
export type Shape = (typeof SHAPES)[number];

/** main gets a change; a branch that was cut before it brings the old state back, beside work of its own. */
export function silentRevert(shape: Shape, random: Random, trees: Trees): SilentRevert {
  const content = lines(random, 20 + random.below(30));
  const path = `src/${random.hex(4)}/a.js`;
  const start = new Map(
    Array.from({ length: OTHER_FILES }, (_, at) => [
      `src/other-${at}.js`,
      { mode: '100644', lines: lines(random, 20) } as const,
    ]),
  );
  const fork = trees.commit(
    all([...(shape === 'a new file that is gone' ? [] : [add(path, content)])])(start) ?? start,
    [],
    'Begin',
  );
  let main = moreOf(random, trees, fork, random.below(4));
  const landed = landing(shape, random, { path, content });
  const undone = (main = trees.commit(made(landed.edit, main.tree), [main], `Fix ${random.hex(4)}`));
  const base = moreOf(random, trees, main, random.below(6));
  const own = all([ownEdit(random, fork.tree), ...(landed.own ? [landed.own] : [])]);
  return { ...brought(random, trees, { fork, base, undone, own }), path: landed.named ?? path, undone };
}

interface Landing {
  readonly edit: Edit;
  /** What the branch does to the same file. */
  readonly own?: Edit;
  readonly named?: string;
}

function landing(
  shape: Shape,
  random: Random,
  { path, content }: { readonly path: string; readonly content: readonly string[] },
): Landing {
  const at = 2 + random.below(8);
  const old = content.slice(at, at + 2);
  const fix = replace(path, old, random.chance(0.3) ? [...old, ...lines(random, 2)] : lines(random, 2));
  switch (shape) {
    case 'the old version of a file':
      return { edit: fix };
    case 'a deleted file that is back':
      return { edit: remove(path) };
    case 'a new file that is gone':
      return { edit: add(path, lines(random, 15)) };
    case 'lines that are gone from a file that the branch edits':
      return { edit: fix, own: replace(path, content.slice(14, 16), lines(random, 3)) };
    case 'a mode or a name as before': {
      const to = path.replace('a.js', `${random.hex(4)}.js`);
      return random.chance(0.5) ? { edit: chmod(path) } : { edit: rename(path, to) };
    }
    case 'a whole landing backwards':
      return {
        edit: all([fix, replace('src/other-1.js', [], lines(random, 3)), add(`${path}.test.js`, lines(random, 9))]),
      };
  }
}

/** By one of the ways in which it happens: a head that was reset softly onto main, or a merge of main that kept the branch's side. */
function brought(
  random: Random,
  trees: Trees,
  {
    fork,
    base,
    undone,
    own,
  }: { readonly fork: Commit; readonly base: Commit; readonly undone: Commit; readonly own: Edit },
): Pick<SilentRevert, 'base' | 'candidate' | 'head'> {
  const stale = made(own, fork.tree);
  const branch = trees.commit(stale, [fork], 'My work');
  if (random.chance(0.4)) {
    const head = trees.commit(onlyUndone(base, undone, stale, own), [branch, base], 'Merge main');
    return { base, candidate: trees.commit(head.tree, [base], 'My work'), head };
  }
  // With everything that the branch has not, or only with what it has staged.
  const tree = random.chance(0.5) ? stale : onlyUndone(base, undone, stale, own);
  const candidate = trees.commit(tree, [base], 'My work');
  return { base, candidate, head: candidate };
}

/** main as it is, but for the files of one commit, which are the branch's, and for what the branch itself does. */
function onlyUndone(base: Commit, { tree, parents }: Commit, stale: Tree, own: Edit): Tree {
  const before: Tree = parents[0]?.tree ?? new Map<string, never>();
  const paths = [...new Set([...before.keys(), ...tree.keys()])].filter((path) => before.get(path) !== tree.get(path));
  const back = paths.map((path): Edit => {
    const file = stale.get(path);
    return (each) => (file ? write(path, file)(each) : new Map([...each].filter(([name]) => name !== path)));
  });
  const restored = made(all(back), base.tree);
  return own(restored) ?? restored;
}

function ownEdit(random: Random, tree: Tree): Edit {
  const file = tree.get('src/other-0.js');
  return replace('src/other-0.js', file?.lines.slice(3, 5) ?? [], lines(random, 3));
}

function moreOf(random: Random, trees: Trees, from: Commit, count: number): Commit {
  let main = from;
  for (let at = 0; at < count; at += 1) {
    const path = `src/other-${2 + random.below(OTHER_FILES - 2)}.js`;
    const old = main.tree.get(path)?.lines.slice(5, 6) ?? [];
    main = trees.commit(made(replace(path, old, lines(random, 1)), main.tree), [main], `Other work ${random.hex(4)}`);
  }
  return main;
}

function made(edit: Edit, tree: Tree): Tree {
  const done = edit(tree);
  if (!done) throw new Error('expected a change that can be made, saw a conflict');
  return done;
}
