import pc from 'picocolors';
import { visibleLine } from '../infrastructure/terminal/visible';

/** Text in a style. Plain strings may come from anywhere; a style is ours alone to give. */
export interface Styled {
  readonly style: Style;
  readonly text: string;
}
export type Text = string | Styled;
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

export const bold = (text: string): Styled => ({ style: 'bold', text });
export const dim = (text: string): Styled => ({ style: 'dim', text });
export const red = (text: string): Styled => ({ style: 'red', text });
export const green = (text: string): Styled => ({ style: 'green', text });
export const yellow = (text: string): Styled => ({ style: 'yellow', text });

const COLOURS = { on: pc.createColors(true), off: pc.createColors(false) };

/** As a terminal or a pipe gets it. */
export function render(texts: readonly Text[], isColoured: boolean): string {
  const colours = COLOURS[isColoured ? 'on' : 'off'];
  return texts
    .map((one) => (typeof one === 'string' ? visibleLine(one) : colours[one.style](visibleLine(one.text))))
    .join('');
}

/** Columns as wide as their widest cell, the header in bold: one item a line. */
export function tableLines(header: readonly string[], rows: readonly (readonly string[])[]): readonly Text[] {
  const all = [header, ...rows].map((row) => row.map((cell) => visibleLine(cell.replace(/\s+/g, ' '))));
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [bold(lines[0] ?? ''), ...lines.slice(1)];
}
