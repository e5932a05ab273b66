import fc from 'fast-check';

/** One step of somebody's work; numbers choose among what is there, whatever that is. */
type Step =
  | { readonly kind: 'edit'; readonly file: number; readonly line: number; readonly word: number }
  | { readonly kind: 'add' | 'remove' | 'mode'; readonly file: number }
  | { readonly kind: 'rename'; readonly file: number; readonly to: number }
  | { readonly kind: 'append' | 'attributes'; readonly word: number }
  /** The change of a commit of the other side, or the reverse of one of one's own. */
  | { readonly kind: 'pick' | 'revert'; readonly commit: number }
  | { readonly kind: 'empty' };

export interface RandomHistory {
  readonly isCrlf: boolean;
  readonly main: readonly Step[];
  readonly branch: readonly Step[];
}

const FILES = 6;
const LINES = 12;
const nat = fc.nat(1_000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('edit' as const), file: nat, line: nat, word: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('add', 'remove', 'mode' as const), file: nat }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const), file: nat, to: nat }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('append' as const), word: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('attributes' as const), word: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('pick', 'revert' as const), commit: nat }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'empty' as const }) },
);

/** Two sides that began at one commit. */
export const randomHistory: fc.Arbitrary<RandomHistory> = fc.record({
  isCrlf: fc.boolean(),
  main: fc.array(step, { maxLength: 6 }),
  branch: fc.array(step, { minLength: 1, maxLength: 6 }),
});

interface Entry {
  readonly mode: '100644' | '100755';
  readonly text: string;
}
type Files = ReadonlyMap<string, Entry>;
interface Made {
  readonly before: Files;
  readonly after: Files;
}

const ATTRIBUTES = [
  '* text=auto\n',
  'log.txt merge=union\n',
  '*.txt eol=crlf\n',
  'f1.txt binary\nlog.txt merge=union\n',
];

/** The history as `git fast-import` takes it: refs/heads/main and refs/heads/feature. */
export function streamOf({ isCrlf, main, branch }: RandomHistory): string {
  const end = isCrlf ? '\r\n' : '\n';
  const first: Files = new Map([
    ...Array.from({ length: FILES - 2 }, (_, at) => [`f${at}.txt`, file(fresh(at, end))] as const),
    ['log.txt', file(`begin${end}`)] as const,
  ]);
  const mark = { next: 1 };
  const root = commit('refs/heads/main', { files: first, before: new Map(), from: null, words: 'begin', mark });
  const onMain: Made[] = [];
  const lines = [root];
  for (const [side, steps, others] of [
    ['main', main, []],
    ['feature', branch, onMain],
  ] as const) {
    const own: Made[] = side === 'main' ? onMain : [];
    let files = first;
    let from = 1;
    for (const [at, one] of steps.entries()) {
      const after = done(files, one, { end, own, others: side === 'main' ? [] : others, at: `${side}-${at}` });
      lines.push(
        commit(`refs/heads/${side}`, { files: after, before: files, from, words: `${side} ${at} ${one.kind}`, mark }),
      );
      own.push({ before: files, after });
      [files, from] = [after, mark.next - 1];
    }
  }
  return lines.join('');
}

const file = (text: string, mode: Entry['mode'] = '100644'): Entry => ({ mode, text });
const fresh = (at: number, end: string) =>
  Array.from({ length: LINES }, (_, line) => `line ${line} of ${at}${end}`).join('');

function done(
  files: Files,
  one: Step,
  { end, own, others, at }: { end: string; own: readonly Made[]; others: readonly Made[]; at: string },
): Files {
  const next = new Map(files);
  const names = [...files.keys()].filter((name) => name.startsWith('f'));
  const pick = <T>(list: readonly T[], index: number) => list[index % Math.max(1, list.length)];
  switch (one.kind) {
    case 'empty':
      break;
    case 'append': {
      const log = files.get('log.txt');
      if (log) next.set('log.txt', { ...log, text: `${log.text}word ${one.word}${end}` });
      break;
    }
    case 'attributes':
      next.set('.gitattributes', file(ATTRIBUTES[one.word] ?? ''));
      break;
    case 'add':
      next.set(`f${one.file % FILES}-${at}.txt`, file(fresh(one.file % FILES, end)));
      break;
    case 'pick':
    case 'revert': {
      const made = pick(one.kind === 'pick' ? others : own, one.commit);
      if (made) apply(next, one.kind === 'pick' ? made : { before: made.after, after: made.before });
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
        next.set(`f-${one.to % FILES}.txt`, entry);
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

/** The same change, in the files that are still as they were before it; and lines of others where they are. */
function apply(files: Map<string, Entry>, { before, after }: Made): void {
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(name), after.get(name)];
    if (was?.text === is?.text && was?.mode === is?.mode) continue;
    const now = files.get(name);
    if (now?.text === was?.text && now?.mode === was?.mode) {
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

function commit(
  ref: string,
  {
    files,
    before,
    from,
    words,
    mark,
  }: { files: Files; before: Files; from: number | null; words: string; mark: { next: number } },
): string {
  const who = (role: string) => `${role} Ann Ö <ann@example.org> ${1_700_000_000 + mark.next} +0130\n`;
  const changes = [
    ...[...before.keys()].filter((name) => !files.has(name)).map((name) => `D ${name}\n`),
    ...[...files].map(([name, { mode, text }]) => `M ${mode} inline ${name}\n${data(text)}`),
  ];
  const head = `commit ${ref}\nmark :${mark.next}\n${who('author')}${who('committer')}${data(`${words}\n\nbody of ${words}`)}`;
  mark.next += 1;
  return `${head}${from === null ? '' : `from :${from}\n`}${changes.join('')}\n`;
}

const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
