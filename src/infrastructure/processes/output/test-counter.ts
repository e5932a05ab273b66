import { plainText } from '../../../domain/staging/plain-text';
import { NO_TALLY, takeLine, type Tally } from '../../../domain/witness/tally';

/** Longer lines are data: no runner sums up behind that. */
const LINE_CHARS = 2_000;

/**
 * Counts tests in all of a stream while it comes, in bounded memory: a summary counts wherever it stands, however much is printed
 * behind it.
 */
export class TestCounter {
  private readonly decoder = new TextDecoder();
  private tally = NO_TALLY;
  /** The beginning of a line whose end is still to come. */
  private rest = '';

  take(chunk: Buffer): void {
    this.split(this.decoder.decode(chunk, { stream: true }));
  }

  /** To be asked when no more comes. */
  result(): Tally {
    this.split(`${this.decoder.decode()}\n`);
    return this.tally;
  }

  private split(text: string): void {
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.line(this.rest + text.slice(from, Math.min(end, from + LINE_CHARS)));
      this.rest = '';
      from = end + 1;
    }
    if (this.rest.length < LINE_CHARS) this.rest += text.slice(from, from + LINE_CHARS);
  }

  private line(raw: string): void {
    // Whoever writes a line over itself has said what stands behind the last return.
    const text = raw.trimEnd().slice(0, LINE_CHARS);
    const last = text.slice(text.lastIndexOf('\r') + 1);
    const line = NEEDS_CLEANING.test(last) ? cleaned(last) : last;
    if (line !== '') this.tally = takeLine(this.tally, line);
  }
}

/** Most of what needs it is coloured, and has nothing else. */
function cleaned(text: string): string {
  const plain = text.replace(COLOURS, '');
  return (NEEDS_CLEANING.test(plain) ? plainText(text) : plain).trimEnd();
}

const COLOURS = /\u001b\[[\d;]{0,30}m/g;
const NEEDS_CLEANING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\ufeff]/;
