/** One line of the table: what was measured, against what it must come to. */
export interface Finding {
  readonly section: string;
  readonly level: string;
  readonly what: string;
  readonly measured: string;
  /** Empty for what is only reported. */
  readonly target: string;
  readonly isMet: boolean;
}

/** A number that must not exceed a limit. */
export function atMost(limit: number, unit: string, value: number): Pick<Finding, 'measured' | 'target' | 'isMet'> {
  const text = (number: number) => `${Math.round(number * 10) / 10} ${unit}`.trim();
  return { measured: text(value), target: `<= ${text(limit)}`, isMet: value <= limit };
}

export function table(findings: readonly Finding[]): string {
  const rows = findings.map(({ section, level, what, measured, target, isMet }) => [
    section,
    level,
    what,
    measured,
    target || '-',
    target === '' ? '' : isMet ? 'met' : 'MISSED',
  ]);
  const head = ['section', 'level', 'what', 'measured', 'target', ''];
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function worst(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
