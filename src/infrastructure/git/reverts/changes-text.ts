import { GitError } from '../../../application/ports/git-workspace';
import type { FileChange, FileSide, Hunk } from '../../../domain/gates/revert/landed-changes';

/** Paths as they are, and quoted only where they hold what would end a line; hunks without lines around them. */
export const CHANGES = [
  ...['--raw', '-r', '--no-abbrev', '--find-renames', '-l200', '--no-relative', '--ignore-submodules=none'],
  ...['--no-ext-diff', '--no-textconv', '--no-color'],
];
export const WITH_LINES = ['-p', '--unified=0', '--inter-hunk-context=0', '--submodule=short'];
/**
 * For every command here, whatever the repository's own configuration says. Nobody writes larger sources than that: beyond it git takes
 * a file for binary, and its content alone counts.
 */
export const SETTINGS = {
  'core.quotePath': 'false',
  'core.bigFileThreshold': '1m',
  'diff.algorithm': 'myers',
  'diff.indentHeuristic': 'true',
  'diff.suppressBlankEmpty': 'false',
  'log.showSignature': 'false',
  'log.follow': 'false',
  'i18n.logOutputEncoding': 'UTF-8',
};

/** @returns null when git prints more than anybody reads. */
export async function unlessTooMuch<T>(printed: Promise<T>): Promise<T | null> {
  try {
    return await printed;
  } catch (error) {
    if (error instanceof GitError && /printed more than/.test(error.message)) return null;
    throw error;
  }
}

/** Reads what git prints, byte by byte (latin1), from one place to the next. */
export class ChangesText {
  private at = 0;

  constructor(private readonly text: string) {}

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Up to the next NUL, and behind it. */
  field(): string {
    return this.until('\0');
  }

  /** What stands in front is for the next reader. */
  isNext(start: string): boolean {
    return this.text.startsWith(start, this.at);
  }

  /** Files and their lines, as far as they go. */
  changes(): readonly FileChange[] {
    const files: { readonly before: FileSide | null; readonly after: FileSide | null; hunks: Hunk[] | null }[] = [];
    while (this.isNext('\n')) this.at += 1;
    while (this.isNext(':')) files.push({ ...sidesOf(this.until('\n')), hunks: null });
    while (this.isNext('\n')) this.at += 1;
    // What was a link before is told of twice: as what is gone, and as what is new.
    const told = files.flatMap((file) => (isTwofold(file) ? [file, file] : [file]));
    for (let index = 0; this.isNext('diff --git '); index += 1) {
      const hunks = this.hunks();
      const file = told[index];
      if (file && hunks) file.hunks = [...(file.hunks ?? []), ...hunks];
    }
    return files;
  }

  /** Of one file; null where git calls it binary. */
  private hunks(): readonly Hunk[] | null {
    const hunks: Hunk[] = [];
    let isBinary = false;
    this.until('\n');
    while (!this.isAtEnd && !this.isNext('diff --git ') && !this.isNext('\0')) {
      const line = this.until('\n');
      const [, out = '1', into = '1'] = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line) ?? [null, '', ''];
      if (out !== '') hunks.push({ removed: this.lines('-', Number(out)), added: this.lines('+', Number(into)) });
      else if (line.startsWith('Binary files ')) isBinary = true;
    }
    return isBinary ? null : hunks;
  }

  private lines(sign: string, count: number): readonly string[] {
    const lines: string[] = [];
    while (lines.length < count && this.isNext(sign)) lines.push(readable(this.until('\n').slice(1)));
    if (this.isNext('\\ ')) this.until('\n');
    return lines;
  }

  private until(end: string): string {
    const next = this.text.indexOf(end, this.at);
    const stop = next < 0 ? this.text.length : next;
    const part = this.text.slice(this.at, stop);
    this.at = stop + 1;
    return part;
  }
}

/** As UTF-8 where it is that; else a character for each byte. */
export function readable(latin1: string): string {
  if (!/[\x80-\xff]/.test(latin1)) return latin1;
  const text = Buffer.from(latin1, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? latin1 : text;
}

function sidesOf(line: string): { readonly before: FileSide | null; readonly after: FileSide | null } {
  const [facts = '', first = '', second = first] = line.slice(1).split('\t');
  const [modeBefore = '', modeAfter = '', oidBefore = '', oidAfter = ''] = facts.split(' ');
  const side = (path: string, mode: string, oid: string) =>
    mode === '000000' ? null : { path: readable(unquoted(path)), mode, oid };
  return { before: side(first, modeBefore, oidBefore), after: side(second, modeAfter, oidAfter) };
}

const ESCAPED: Readonly<Record<string, string>> = { a: '\x07', b: '\b', t: '\t', n: '\n', v: '\v', f: '\f', r: '\r' };

function unquoted(path: string): string {
  if (!path.startsWith('"')) return path;
  return path
    .slice(1, -1)
    .replace(/\\(?:([0-7]{3})|(.))/g, (_, octal: string | undefined, sign: string) =>
      octal === undefined ? (ESCAPED[sign] ?? sign) : String.fromCharCode(parseInt(octal, 8)),
    );
}

function isTwofold({ before, after }: { readonly before: FileSide | null; readonly after: FileSide | null }): boolean {
  return before !== null && after !== null && before.mode.slice(0, 2) !== after.mode.slice(0, 2);
}
