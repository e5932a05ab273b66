/** Where main keeps its list of owners, the first that is there counts. */
export const OWNERS_FILES = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS'] as const;

/** Lines of such a file that are read, and owners of a file that are told. */
const MOST_LINES = 2_000;
const MOST_OWNERS = 10;

/** Who owns a path, by the last line that fits. */
export type Owners = (path: string) => readonly string[];

/**
 * Reads CODEOWNERS as GitHub does: patterns of .gitignore without `!` and character classes, owners behind them, the last line that fits
 * decides. Sections of GitLab are passed over, and so is what fits nothing.
 */
export function ownersIn(text: string | null): Owners {
  const lines = (text ?? '').split('\n').slice(0, MOST_LINES).flatMap(lineOf);
  return (path) => lines.findLast(({ fits }) => fits.test(path))?.owners ?? [];
}

interface OwnerLine {
  readonly fits: RegExp;
  readonly owners: readonly string[];
}

function lineOf(line: string): readonly OwnerLine[] {
  const [pattern = '', ...owners] = line
    .replace(/(^|\s)#.*$/, '')
    .trim()
    .split(/\s+/);
  if (pattern === '' || /^[!^]?\[/.test(pattern)) return [];
  return [{ fits: fitting(pattern), owners: owners.slice(0, MOST_OWNERS) }];
}

/** Anchored where there is a slash before the end; what fits a folder fits all that is in it. */
function fitting(pattern: string): RegExp {
  const isAnchored = /\/./.test(pattern);
  const body = pattern
    .replace(/^\//, '')
    .replace(/\/$/, '/**')
    .split(/(\*\*\/|\/\*\*$|\*|\?)/)
    .map((part) => SIGNS[part] ?? part.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&'))
    .join('');
  // `docs/*` is what lies in the folder, and not below it.
  const end = pattern.endsWith('/*') ? '$' : '(?:/|$)';
  return new RegExp(`${isAnchored ? '^' : '(?:^|/)'}${body}${end}`);
}

const SIGNS: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '/**': '/.*', '*': '[^/]*', '?': '[^/]' };
