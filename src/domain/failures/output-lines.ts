import { plainText } from '../staging/plain-text';

/** What is looked at of each stream: tools say what is wrong at their beginning or at their end. */
const HEAD_CHARS = 32 * 1024;
const TAIL_CHARS = 128 * 1024;
/** Longer lines are data, and no tool's own words begin behind that. */
const LINE_CHARS = 2_000;

/** The lines of a stream that rules look at, without colours; what is left out stands there as `[…]`. */
export function linesOf(text: string): readonly string[] {
  const isWhole = text.length <= HEAD_CHARS + TAIL_CHARS;
  const seen = isWhole ? text : `${text.slice(0, HEAD_CHARS)}\n[…]\n${text.slice(-TAIL_CHARS)}`;
  return plainText(seen)
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(0, LINE_CHARS).trimEnd());
}
