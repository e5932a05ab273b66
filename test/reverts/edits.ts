import type { Random } from '../simulation/random';
import type { File, Tree } from './trees';

/** A change of a tree that can be made again on another one. @returns null where it conflicts. */
export type Edit = (tree: Tree) => Tree | null;

const WORDS =
  'parse fetch render queue merge token stage branch commit lane verdict retry budget claim epoch witness'.split(' ');

/** A line that nobody else writes. */
export function line(random: Random): string {
  return `  ${random.pick(WORDS)}(${random.pick(WORDS)}, '${random.hex(6)}');`;
}

export function lines(random: Random, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => (at % 7 === 6 ? '}' : line(random)));
}

/** All of them, one after the other. */
export function all(edits: readonly Edit[]): Edit {
  return (tree) => edits.reduce<Tree | null>((so, edit) => (so === null ? null : edit(so)), tree);
}

export function write(path: string, file: File): Edit {
  return (tree) => new Map([...tree, [path, file]]);
}

export function add(path: string, content: readonly string[]): Edit {
  return (tree) => (tree.has(path) ? null : write(path, { mode: '100644', lines: content })(tree));
}

export function remove(path: string): Edit {
  return (tree) => (tree.has(path) ? new Map([...tree].filter(([each]) => each !== path)) : null);
}

export function rename(from: string, to: string): Edit {
  return (tree) => {
    const file = tree.get(from);
    return file && !tree.has(to) ? write(to, file)(new Map([...tree].filter(([each]) => each !== from))) : null;
  };
}

export function chmod(path: string): Edit {
  return (tree) => {
    const file = tree.get(path);
    return file ? write(path, { ...file, mode: file.mode === '100644' ? '100755' : '100644' })(tree) : null;
  };
}

/** Other lines in the place of those, which have to be there. */
export function replace(path: string, from: readonly string[], to: readonly string[]): Edit {
  return (tree) => {
    const file = tree.get(path);
    const at = file
      ? file.lines.findIndex((_, start) => from.every((text, by) => file.lines[start + by] === text))
      : -1;
    if (!file || at < 0) return null;
    return write(path, { ...file, lines: file.lines.toSpliced(at, from.length, ...to) })(tree);
  };
}

/** Wider at the left: nothing else. */
export function indent(path: string): Edit {
  return (tree) => {
    const file = tree.get(path);
    return file ? write(path, { ...file, lines: file.lines.map((text) => `  ${text}`) })(tree) : null;
  };
}
