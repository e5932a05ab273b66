import type { Step } from '../support/history/steps';

/** What somebody does next to a repository with a main and some open branches. */
export type Action =
  /** A commit on a branch, or on main. */
  | 'work'
  | 'main'
  /** A branch from main, and one from another branch. */
  | 'open'
  | 'stack'
  /** A commit of main to a branch, and the other way round. */
  | 'pick-in'
  | 'pick-out'
  /** main takes a commit of its own back, which may be one that did so. */
  | 'revert'
  /** main into a branch; main and a branch into each other at once; one branch into another. */
  | 'update'
  | 'criss-cross'
  | 'join'
  /** A branch into main: by a merge, by copies of its commits, by one commit; several branches by one merge. */
  | 'land'
  | 'rewrite'
  | 'squash'
  | 'octopus';

export const SHAPES = ['stacked', 'merged', 'files'] as const;
export type Shape = (typeof SHAPES)[number];

export function isShape(text: string): text is Shape {
  return SHAPES.some((shape) => shape === text);
}

/** How often each thing happens beside the others; what is missing never does. */
export interface Weights {
  readonly actions: Partial<Readonly<Record<Action, number>>>;
  readonly steps: Partial<Readonly<Record<Step['kind'], number>>>;
  /** Lines end as on Windows. */
  readonly isCrlf: boolean;
}

const EVERYWHERE = { work: 16, main: 4, open: 4, 'pick-in': 2, 'pick-out': 2, revert: 2, land: 6 };
const ORDINARY = { edit: 16, add: 3, remove: 1, mode: 1, rename: 2, append: 1, empty: 1, pick: 1, revert: 2 };

export const WEIGHTS: Readonly<Record<Shape, Weights>> = {
  stacked: {
    actions: { ...EVERYWHERE, open: 2, stack: 5, rewrite: 4, squash: 1, 'pick-out': 3, revert: 3 },
    steps: ORDINARY,
    isCrlf: false,
  },
  merged: {
    actions: { ...EVERYWHERE, stack: 1, update: 3, 'criss-cross': 3, join: 2, octopus: 0.3 },
    steps: { ...ORDINARY, empty: 2 },
    isCrlf: false,
  },
  files: {
    actions: { ...EVERYWHERE, stack: 1, update: 1, rewrite: 1 },
    steps: { ...ORDINARY, add: 2, mode: 2, rename: 6, append: 5, attributes: 3, folder: 3, link: 1, submodule: 1 },
    isCrlf: true,
  },
};
