/** Escape sequences (CSI, OSC and the two-byte ones), as terminals understand them. */
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]{0,4096}(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
/** Controls but for tab and newline; characters without width; the ones that reorder text on screen; half characters. */
const UNSAFE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\p{Cs}]/gu;
const HALF_CHARACTER_AT_END = /\p{Cs}$/u;

/** Text that a terminal, a Markdown page or a reader of lines cannot be tricked with. */
export function plainText(text: string): string {
  return replaceUnsafe(text.replace(/\r\n?/g, '\n').replace(ESCAPES, ''), () => '');
}

/** One line of it. */
export function plainLine(text: string, maxChars = 500): string {
  return plainText(text).replace(/\s+/g, ' ').trim().slice(0, maxChars).replace(HALF_CHARACTER_AT_END, '');
}

/** @param by is given every character that could trick a reader, and says what is shown instead. */
export function replaceUnsafe(text: string, by: (character: string) => string): string {
  return text.replace(UNSAFE, by);
}
