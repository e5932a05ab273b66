/** What is quoted, and addresses: not ours to punctuate. */
const QUOTED = /"(?:[^"\\]|\\.)*"|[a-z]+:\/\/\S*/g;
/** A sentence that ends twice, or goes on after its end; space before a mark; a quote in quotes; a pair of brackets in vain. */
const ODD = /[.;:,]\s*[.;,](?=\s|$)|\.:(?=\s|$)|\s[,;.](?=\s|$)|''|\(\s|\s\)|\(\)(?=\s|$)|: ?$/;

/** @returns what is odd about the punctuation of a message; null when nothing is. */
export function oddPunctuation(message: string): string | null {
  return ODD.exec(message.replace(QUOTED, 'x'))?.[0] ?? null;
}

/** @throws when a mistake that the program has told on stderr is punctuated oddly: every test of every message looks. */
export function expectPlainPunctuation(stderr: string): void {
  for (const line of stderr.split('\n').filter((one) => one.startsWith('stagegate: '))) {
    const odd = oddPunctuation(line);
    if (odd !== null) throw new Error(`expected plain punctuation, saw ${JSON.stringify(odd)} in: ${line}`);
  }
}
