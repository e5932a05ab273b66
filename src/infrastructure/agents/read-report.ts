import type { CapturedStream } from '../../application/ports/process-runner';

export type Report = Readonly<Record<string, unknown>>;

/**
 * The JSON object an agent's command printed on stdout: all of it, or its last line, as programs do that print progress
 * first. It feeds statistics (tokens, cost, duration) and decides nothing.
 */
export function readReport(stdout: CapturedStream): Report | null {
  const { text, whole } = textOf(stdout);
  const lastLine = text.trimEnd().split('\n').at(-1) ?? '';
  return (whole ? parseObject(text) : null) ?? parseObject(lastLine);
}

/** Head and tail join without a gap unless the stream was longer than both; then only the tail holds the end. */
function textOf({ head, tail, totalBytes }: CapturedStream): { text: string; whole: boolean } {
  const decode = (...parts: Uint8Array[]): string => Buffer.concat(parts).toString('utf8');
  if (head.length === totalBytes) return { text: decode(head), whole: true };
  if (head.length + tail.length === totalBytes) return { text: decode(head, tail), whole: true };
  return { text: decode(tail), whole: tail.length === totalBytes };
}

function parseObject(text: string): Report | null {
  if (!text.trimStart().startsWith('{')) return null;
  try {
    return JSON.parse(text) as Report;
  } catch {
    // Not JSON: then the command printed no report, which it need not.
    return null;
  }
}
