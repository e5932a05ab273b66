import { storableText } from '../storable';

/** Characters, as people count them. */
const MOST = { title: 200, reason: 500 } as const;

/** These complete "expected …", wherever a text of the kind is given. */
export const A_TITLE = aText(MOST.title);
export const A_REASON = aText(MOST.reason);

export function isTitle(text: string): boolean {
  return isText(text, MOST.title);
}

/** Why somebody asks for something, for the record. */
export function isReason(text: string): boolean {
  return isText(text, MOST.reason);
}

function aText(most: number): string {
  return `1 to ${most} characters, without NUL or half a surrogate pair`;
}

/** Not made fit: what people have written is kept as it is, or refused. */
function isText(text: string, most: number): boolean {
  if (storableText(text) !== text) return false;
  const { length } = Array.from(text);
  return length >= 1 && length <= most;
}
