/** @param {readonly string[]} header @param {readonly (readonly unknown[])[]} rows */
export function table(header, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Smallest and largest. @param {readonly number[]} values */
export function span(values) {
  return `${Math.min(...values)} to ${Math.max(...values)}`;
}

/** Load before and after. */
export function loads([before, after]) {
  return `${before.toFixed(1)} to ${after.toFixed(1)}`;
}

/** A difference, to one digit. */
export function minus(a, b) {
  return Math.round((a - b) * 10) / 10;
}
