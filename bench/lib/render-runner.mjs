import { loads, table } from './markdown.mjs';

/** What each tool leaves of commands that resist, and what it costs. */
export function runnerTables(records) {
  const cases = records.filter(({ type }) => type === 'runner-case');
  if (cases.length === 0) return [];
  const tools = cases[0].results.map(({ tool }) => tool);
  const rows = cases.map(({ case: name, results }) => [name, ...results.map(cell)]);
  const costs = records.filter(({ type }) => type.startsWith('overhead-'));
  const [{ bare_ms: bare, rounds, load1 }] = costs;
  return [
    table(['case', ...tools], rows),
    table(
      ['tool', 'ms over a bare spawn'],
      costs.map(({ tool, overhead_ms: overhead }) => [tool, overhead]),
    ),
    `Bare spawn ${bare} ms; medians of ${rounds} runs of \`exit 0\`, all tools in turns; load ${loads(load1)}.`,
  ];
}

/** Survivors of each run, then `H` for one that hung and `W` for one that said something else than what happened. */
function cell({ survivors, hangs, wrong }) {
  const counts = new Set(survivors).size === 1 ? String(survivors[0]) : survivors.join('/');
  return [counts, hangs > 0 ? 'H' : '', wrong > 0 ? 'W' : ''].filter((part) => part !== '').join(' ');
}
