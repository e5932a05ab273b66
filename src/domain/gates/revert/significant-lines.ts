import type { Hunk } from './landed-changes';

/** Brackets, and words that stand alone in a line everywhere: losing them says nothing. */
const TRIVIAL =
  /^(?:[^\p{L}\p{N}]*|(?:else|end|fi|done|esac|begin|do|then|pass|break|continue|return|try|finally|null|true|false|default)[^\p{L}\p{N}]*)$/u;

/** What code names of other files: it comes and goes with the lines that use it. */
const NAMES_OTHERS =
  /^(?:import\b|from \S+ import\b|export .* from\b|use |using |#include\b|@import\b|(?:const|let|var) .*= require\(|\} from ['"])/;

/** Of significant lines those that do something by themselves. */
export function withoutImports(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => !NAMES_OTHERS.test(line));
}

/** Lines that say something, without what formatting changes in them. */
export function significant(lines: readonly string[]): readonly string[] {
  return lines.map(plain).filter((line) => !TRIVIAL.test(line));
}

/** Whether nothing but spaces and line breaks differs. */
export function isFormatting({ removed, added }: Hunk): boolean {
  return packed(removed) === packed(added);
}

/** Whether the lines stand in the others, one right below the other. No lines stand everywhere. */
export function standsIn(lines: readonly string[], others: readonly string[]): boolean {
  return lines.length === 0 || `\n${others.join('\n')}\n`.includes(`\n${lines.join('\n')}\n`);
}

function plain(line: string): string {
  return line.trim().replace(/\s+/g, ' ');
}

function packed(lines: readonly string[]): string {
  return lines.join('').replace(/\s+/g, '');
}
