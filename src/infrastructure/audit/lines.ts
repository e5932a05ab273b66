import { LogRefused } from '../../application/audit/log-refused';
import { LONGEST_LINE_BYTES } from './log-format';

const LINE_BREAK = 0x0a;

/** A line without its break, and whether it had one: what is cut off ends anywhere. */
export interface Line {
  readonly text: string;
  readonly isWhole: boolean;
}

/** @throws LogRefused for a line that is too long, or no UTF-8. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let number = 0;
  let rest: Buffer[] = [];
  const line = (isWhole: boolean): Line => {
    const text = decoded(Buffer.concat(rest), number + 1);
    number += 1;
    rest = [];
    return { text, isWhole };
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_BREAK); at >= 0; at = chunk.indexOf(LINE_BREAK, from)) {
      rest.push(chunk.subarray(from, at));
      yield line(true);
      from = at + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
    const bytes = rest.reduce((sum, part) => sum + part.length, 0);
    if (bytes > LONGEST_LINE_BYTES)
      throw new LogRefused(
        `line ${number + 1}: expected at most ${LONGEST_LINE_BYTES} bytes, saw more; it is no log of stagegate audit export`,
      );
  }
  if (rest.length > 0) yield line(false);
}

function decoded(bytes: Buffer, number: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new LogRefused(`line ${number}: expected UTF-8, saw other bytes; the file was changed: export again`, {
      cause,
    });
  }
}
