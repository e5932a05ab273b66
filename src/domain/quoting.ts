import { plainLine, plainText } from './staging/plain-text';
import { lastPart, storableText } from './storable';

/** A code span that its content cannot close: one backtick more than the longest run in it. Nothing in it is a link or HTML. */
export function codeSpan(text: string): string {
  const line = plainLine(text);
  if (line === '') return '(empty)';
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest > 0 ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Four spaces make a code block that no content can close, and no line of it can pass for front matter. */
export function quotedBlock(text: string): string {
  const lines = plainText(text).trimEnd().split('\n');
  if (lines.join('') === '') return '(none)';
  return lines.map((line) => `    ${line}`.trimEnd()).join('\n');
}

/** The same of the last part of a text. */
export function quotedEnd(text: string, maxChars: number): string {
  return quotedBlock(lastPart(plainText(text), maxChars));
}

/** With no line longer than that: what is left out of one is counted in its place. */
export function shortLines(text: string, maxChars: number): string {
  return text
    .split('\n')
    .map((line) => storableText(line, maxChars))
    .join('\n');
}
