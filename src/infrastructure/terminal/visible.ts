import { replaceUnsafe } from '../../domain/staging/plain-text';

/**
 * Text from anywhere as one line of a terminal: what would steer it, hide in it or end the line is shown by its number,
 * as in a string of JavaScript.
 */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll('\n', '\\n');
}

/** The same for text whose lines are meant, such as a stack trace. */
export function visibleText(text: string): string {
  return replaceUnsafe(text, numberOf);
}

/**
 * JSON that says the same. `JSON.stringify` leaves DEL, C1 controls, and everything that reorders or hides text as it is.
 */
export function visibleJson(json: string): string {
  return replaceUnsafe(json, (character) => [...units(character)].map((unit) => `\\u${hex(unit, 4)}`).join(''));
}

function numberOf(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (point > 0xffff) return `\\u{${point.toString(16)}}`;
  return point > 0xff ? `\\u${hex(point, 4)}` : `\\x${hex(point, 2)}`;
}

function* units(character: string): Generator<number> {
  for (let at = 0; at < character.length; at += 1) yield character.charCodeAt(at);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
