import { LONGEST_LINE_BYTES } from './log-format';

const LINE_BREAK = 0x0a;

/** A line without its break, and whether it had one: what is cut off ends anywhere. */
export interface Line {
  readonly text: string;
  readonly isWhole: boolean;
  /** Why it is no text of ours: what was expected and what was seen. `text` is empty then. */
  readonly fault: string | null;
}

/** Lines of a file, of which no more than one is in memory, however long it is. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  const line = new LineInTheMaking();
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_BREAK); at >= 0; at = chunk.indexOf(LINE_BREAK, from)) {
      line.add(chunk.subarray(from, at));
      yield line.end(true);
      from = at + 1;
    }
    line.add(chunk.subarray(from));
  }
  if (!line.isEmpty) yield line.end(false);
}

class LineInTheMaking {
  private parts: Buffer[] = [];
  private bytes = 0;

  get isEmpty(): boolean {
    return this.bytes === 0;
  }

  /** Of what is too long nothing is kept. */
  add(part: Buffer): void {
    this.bytes += part.length;
    if (this.bytes > LONGEST_LINE_BYTES) this.parts = [];
    else if (part.length > 0) this.parts.push(part);
  }

  end(isWhole: boolean): Line {
    const { parts, bytes } = this;
    this.parts = [];
    this.bytes = 0;
    if (bytes > LONGEST_LINE_BYTES)
      return { text: '', isWhole, fault: `expected at most ${LONGEST_LINE_BYTES} bytes, saw more` };
    try {
      return { text: UTF_8.decode(Buffer.concat(parts)), isWhole, fault: null };
    } catch {
      // The decoder says no more than that.
      return { text: '', isWhole, fault: 'expected UTF-8, saw other bytes' };
    }
  }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
