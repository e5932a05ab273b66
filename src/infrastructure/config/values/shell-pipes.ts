/** What a text for `sh -c` does with the exit codes of the parts of a pipe. */
export type PipeUse = 'none' | 'hides-failure' | 'asks-for-pipefail';

/**
 * Looks at a text as a shell would split it: what stands in quotes or in a comment is no pipe. `||` is none either, nor is
 * `>|`. Alternatives of a `case` look like one; whoever reads the warning sees that they are not.
 */
export function pipeUse(text: string): PipeUse {
  const plain = withoutQuotes(text);
  if (/\bset\b[^\n;&|]*\bpipefail\b/.test(plain)) return 'asks-for-pipefail';
  return /(?<![|>])\|(?!\|)/.test(plain) ? 'hides-failure' : 'none';
}

/** Leaves what the shell itself reads: without quoted text, escaped characters and comments. */
function withoutQuotes(text: string): string {
  return text.replace(/\\[^]|'[^']*'|"(?:\\[^]|[^"\\])*"|(?<=^|[\s;&|()])#[^\n]*/g, '_');
}
