import { corpus } from './corpus';
import { confusionOf } from './matrix';

/** Prints what the rules make of every run of the corpus: `npm run failures`. Fails where one is taken for another. */
const cases = corpus();
const { head, rows, mistakes, infraTakenForCode, codeTakenForInfra } = confusionOf(cases);
const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
const line = (cells: readonly string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
const ran = cases.filter(({ origin }) => origin === 'ran').length;

print(
  `${cases.length} runs of ${new Set(cases.map(({ tool }) => tool)).size} tools: ${ran} ran, ${cases.length - ran} written`,
);
for (const row of [head, ...rows]) print(line(row).trimEnd());
print(`infra taken for code: ${infraTakenForCode}; code taken for infra: ${codeTakenForInfra}`);
for (const { file, expected, seen, rule } of mistakes) print(`${file}: is ${expected}, taken for ${seen} by ${rule}`);
process.exitCode = mistakes.length === 0 ? 0 : 1;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
