/** One entry of a tree; the text of a link is where it leads, and of a submodule the commit that it is at. */
export interface Entry {
  readonly mode: '100644' | '100755' | '120000' | '160000';
  readonly text: string;
}

/** By their paths. */
export type Files = ReadonlyMap<string, Entry>;

/** One change. */
export interface Made {
  readonly before: Files;
  readonly after: Files;
}

export const file = (text: string, mode: Entry['mode'] = '100644'): Entry => ({ mode, text });

export const isSame = (one: Entry | undefined, other: Entry | undefined): boolean =>
  one?.text === other?.text && one?.mode === other?.mode;

/** The same change, in the files that are still as they were before it; and lines of others where they are. */
export function apply(files: Map<string, Entry>, { before, after }: Made): void {
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [was, is, now] = [before.get(name), after.get(name), files.get(name)];
    if (isSame(was, is)) continue;
    if (isSame(now, was)) {
      if (is) files.set(name, is);
      else files.delete(name);
    } else if (now && was && is) {
      const [a, b, c] = [was.text.split('\n'), is.text.split('\n'), now.text.split('\n')];
      if (a.length === b.length && b.length === c.length)
        files.set(name, {
          ...now,
          text: c.map((line, at) => (a[at] !== b[at] && line === a[at] ? (b[at] ?? '') : line)).join('\n'),
        });
    }
  }
}
