import { apply, file, type Entry, type Files, type Made } from './files';

/** One step of somebody's work; numbers choose among what is there, whatever that is. */
export type Step =
  | { readonly kind: 'edit'; readonly file: number; readonly line: number; readonly word: number }
  | { readonly kind: 'add' | 'remove' | 'mode'; readonly file: number }
  | { readonly kind: 'rename'; readonly file: number; readonly to: number }
  | { readonly kind: 'append' | 'attributes'; readonly word: number }
  /** The change of a commit of the other side, or the reverse of one of one's own. */
  | { readonly kind: 'pick' | 'revert'; readonly commit: number }
  | { readonly kind: 'folder' | 'link' | 'submodule'; readonly file: number; readonly to: number }
  | { readonly kind: 'empty' };

export const FILES = 6;
const LINES = 12;

const ATTRIBUTES = [
  '* text=auto\n',
  'log.txt merge=union\n',
  '*.txt eol=crlf\n',
  'f1*.txt binary\nlog.txt merge=union\n',
];

/** What a new file says. */
export const fresh = (at: number, end: string) =>
  Array.from({ length: LINES }, (_, line) => `line ${line} of ${at}${end}`).join('');

/**
 * The files after one step.
 *
 * @param context `end` of a line; `own` and `others`: changes to revert and to pick; `at`: a name that nothing else has.
 */
export function done(
  files: Files,
  one: Step,
  { end, own, others, at }: { end: string; own: readonly Made[]; others: readonly Made[]; at: string },
): Files {
  const next = new Map(files);
  const names = [...files.keys()].filter((name) => /(?:^|\/)f[^/]*$/.test(name));
  switch (one.kind) {
    case 'empty':
      break;
    case 'append': {
      const log = files.get('log.txt');
      if (log) next.set('log.txt', { ...log, text: `${log.text}word ${one.word}${end}` });
      break;
    }
    case 'attributes':
      next.set('.gitattributes', file(ATTRIBUTES[one.word % ATTRIBUTES.length] ?? ''));
      break;
    case 'add': {
      const beside = /^.*\//.exec(pick(names, one.file) ?? '')?.[0] ?? '';
      next.set(`${beside}f${one.file % FILES}-${at}.txt`, file(fresh(one.file % FILES, end)));
      break;
    }
    case 'pick':
    case 'revert': {
      const made = pick(one.kind === 'pick' ? others : own, one.commit);
      if (made) apply(next, one.kind === 'pick' ? made : { before: made.after, after: made.before });
      break;
    }
    case 'folder':
      moveFolder(next, one);
      break;
    case 'link':
      next.set(`link-${one.file % 3}`, file(`f${one.to % FILES}.txt`, '120000'));
      break;
    case 'submodule': {
      const path = `module-${one.file % 3}`;
      next.set(path, file(String(one.to).padStart(40, 'c'), '160000'));
      const modules = [...next].flatMap(([name, { mode }]) => (mode === '160000' ? [name] : []));
      const text = modules.map((name) => `[submodule "${name}"]\n\tpath = ${name}\n\turl = ../${name}.git\n`);
      next.set('.gitmodules', file(text.join('')));
      break;
    }
    default: {
      const name = pick(names, one.file);
      const entry = name === undefined ? undefined : files.get(name);
      if (name === undefined || !entry) break;
      if (one.kind === 'remove') next.delete(name);
      if (one.kind === 'mode') next.set(name, { ...entry, mode: entry.mode === '100644' ? '100755' : '100644' });
      if (one.kind === 'rename') {
        next.delete(name);
        next.set(`f-${one.to}.txt`, entry);
      }
      if (one.kind === 'edit') {
        const text = entry.text.split(end);
        text[one.line % LINES] = `said ${one.word}`;
        next.set(name, { ...entry, text: text.join(end) });
      }
    }
  }
  return next;
}

const pick = <T>(list: readonly T[], index: number) => list[index % Math.max(1, list.length)];

function moveFolder(files: Map<string, Entry>, one: { readonly file: number; readonly to: number }): void {
  const folders = [...new Set([...files.keys()].flatMap((name) => /^[^/]+(?=\/)/.exec(name) ?? []))];
  const from = pick(folders, one.file);
  if (from === undefined) return;
  for (const [name, entry] of [...files].filter(([path]) => path.startsWith(`${from}/`))) {
    files.delete(name);
    files.set(`folder-${one.to}${name.slice(from.length)}`, entry);
  }
}
