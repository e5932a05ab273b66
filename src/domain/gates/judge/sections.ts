import type { Manifest } from './manifest';

/** A heading, as TOML takes it: indented, with spaces and quotes within. */
const HEADINGS = /^(?=[ \t]*\[)/m;
const NAME = /^[ \t]*\[+([^\]\n]+)\]/;

/** What begins above all headings, or below `[tool]`, with a key that has sections in it, is in no section of its own. */
const TOOL = /^[ \t]*["']?tool["']?[ \t]*[.=]/m;

const TRIPLE = /"""|'''/;

/**
 * Of TOML and INI: sections by their headings. Where something else than a heading may say to which section a line belongs, nobody can
 * tell the parts apart, and the file counts as a whole.
 */
export function ofSections(isJudging: RegExp): Manifest {
  const partsOf = (text: string) =>
    text.split(HEADINGS).map((part) => ({ part, judges: isJudging.test(nameOf(part)) }));
  const judging = (text: string) => partsOf(text).flatMap(({ part, judges }) => (judges ? [part.trim()] : []));
  return {
    judging: (text) => (TOOL.test(rootOf(text)) ? null : [...judging(text), longTexts(text)].join('\n\n')),
    withParts: (text, main) => {
      if (TOOL.test(rootOf(text)) || TOOL.test(rootOf(main)) || longTexts(text) !== longTexts(main)) return null;
      const own = partsOf(text).flatMap(({ part, judges }) => (judges ? [] : [part]));
      const before = own.join('').trimEnd();
      return `${[before, ...judging(main)].filter((part) => part !== '').join('\n\n')}\n`;
    },
  };
}

/** `tool.pytest`, without the spaces and quotes around its keys. */
function nameOf(part: string): string {
  const keys = NAME.exec(part)?.[1]?.split('.') ?? [];
  return keys.map((key) => key.trim().replace(/^(["'])(.*)\1$/, '$2')).join('.');
}

function rootOf(text: string): string {
  const [root = ''] = text.split(HEADINGS);
  return root;
}

/** From the first text of several lines to the end of the last: what looks like a heading in there is none. */
function longTexts(text: string): string {
  const lines = text.split('\n');
  const isLong = (line: string) => TRIPLE.test(line);
  const first = lines.findIndex(isLong);
  return first === -1 ? '' : lines.slice(first, lines.findLastIndex(isLong) + 1).join('\n');
}
