import type { StandardStream } from './standard-stream';
import { visibleLine } from './visible';

/** Back to the start of the line, and away with what stands there. */
const CLEAR = '\r\u001b[K';
const USUAL_COLUMNS = 80;
/** From here on a character may take two columns; taking that for granted never overflows a line. */
const WIDE_FROM = 0x1100;

/** One line below everything else that is printed, written over again and again. For terminals only. */
export class StatusLine {
  private shown = '';

  constructor(private readonly stream: StandardStream) {}

  show(text: string): void {
    // The last column stays free: terminals go on to the next line behind it.
    const line = cutToColumns(visibleLine(text), (this.stream.columns ?? USUAL_COLUMNS) - 1);
    if (line === this.shown) return;
    this.stream.write(CLEAR + line);
    this.shown = line;
  }

  hide(): void {
    if (this.shown === '') return;
    this.stream.write(CLEAR);
    this.shown = '';
  }
}

/** As much of a line as surely fits. */
export function cutToColumns(line: string, columns: number): string {
  let [used, end] = [0, 0];
  for (const character of line) {
    used += (character.codePointAt(0) ?? 0) < WIDE_FROM ? 1 : 2;
    if (used > columns) break;
    end += character.length;
  }
  return line.slice(0, end);
}
