/** Somebody else's words, to go on after: without what ends a sentence of theirs. */
export function withinSentence(words: string): string {
  return words.trim().replace(/[\s.:;,]+$/, '');
}

/** What an error says, in the same way. */
export function wordsOf(error: unknown): string {
  return withinSentence(error instanceof Error ? error.message : String(error));
}
