import pc from 'picocolors';
import { plainText } from '../domain/staging/plain-text';

/** Where a command writes. Results go to stdout, everything else to stderr, so that a pipe gets results only. */
export interface Output {
  readonly isJson: boolean;
  line(text: string): void;
  json(value: unknown): void;
  note(text: string): void;
  warn(text: string): void;
}

export function terminalOutput(isJson: boolean): Output {
  return {
    isJson,
    line: (text) => process.stdout.write(`${text}\n`),
    json: (value) => process.stdout.write(`${JSON.stringify(value, bigintAsText)}\n`),
    note: (text) => process.stderr.write(`${text}\n`),
    warn: (text) => process.stderr.write(`${pc.yellow('warning')} ${text}\n`),
  };
}

/** Columns as wide as their widest cell. Cells may come from a repository: nothing in them may steer the terminal. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows].map((row) => row.map((cell) => plainText(cell).replace(/\s+/g, ' ')));
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [pc.bold(lines[0] ?? ''), ...lines.slice(1)].join('\n');
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
