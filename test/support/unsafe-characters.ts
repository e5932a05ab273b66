/**
 * What could steer a terminal, hide in a line or end it: C0 and C1 controls but for tab and newline, DEL, characters without
 * width, those that reorder text, line and paragraph separators. Written down apart from the program's own list.
 */
const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** One of each kind, as somebody would plant them: a colour, a title, a cleared screen, text turned round, a made-up line. */
export const HOSTILE =
  'a\u001b[31mred\u001b]0;owned\u0007\u001b[2J\u009b31m\u0008\u007f\u0085\u202egnp.exe\u202c\u2066x\u2069\u200b\u200d\ufeff\u00ad\u2028\u2029\u{e0041}\r\nstagegate: all is well\u0000';

/** The same as far as an argument, a file name or an environment variable can hold it. */
export const HOSTILE_ARGUMENT = HOSTILE.replaceAll('\u0000', '');

/** @returns their numbers. */
export function unsafeIn(text: string): readonly string[] {
  return [...new Set(text.match(UNSAFE) ?? [])].map((character) => `U+${character.codePointAt(0)?.toString(16) ?? ''}`);
}
