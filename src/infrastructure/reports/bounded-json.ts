import { Malformed } from './malformed';

/** Levels of nesting; a report that goes deeper is none of a tool. */
const MOST_LEVELS = 64;

/**
 * JSON from outside.
 *
 * @param text of bounded length.
 * @returns the value, or why it is none, in the words of a complaint.
 */
export function boundedJson(text: string): { readonly value: unknown } | { readonly fault: string } {
  // Some tools of Windows begin with it.
  const json = text.startsWith('\ufeff') ? text.slice(1) : text;
  if (isTooDeep(json)) return { fault: `expected at most ${MOST_LEVELS} levels of nesting, saw more` };
  try {
    return { value: JSON.parse(json) as unknown };
  } catch (error) {
    return { fault: `expected JSON, saw something else: ${(error as SyntaxError).message.slice(0, 200)}` };
  }
}

/** The same, in a report. @param at where it stands, in a complaint. */
export function jsonOf(text: string, at = ''): unknown {
  const json = boundedJson(text);
  if ('fault' in json) throw new Malformed(at === '' ? json.fault : `${at}: ${json.fault}`);
  return json.value;
}

/** Brackets outside of texts: before the parser builds anything. */
function isTooDeep(json: string): boolean {
  let level = 0;
  let isInText = false;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (isInText) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) isInText = false;
    } else if (code === QUOTE) isInText = true;
    else if (code === BRACE || code === BRACKET) {
      level += 1;
      if (level > MOST_LEVELS) return true;
    } else if (code === BRACE + 2 || code === BRACKET + 2) level -= 1;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** The closing ones come two behind them. */
const BRACKET = 0x5b;
const BRACE = 0x7b;
