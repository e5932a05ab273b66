// Results as tables: `node bench/report.mjs` puts those of bench/results into docs/benchmarks.md.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/product.mjs';
import { render } from './lib/render.mjs';
import { SUITES } from './suites/suites.mjs';

const DOCUMENT = join(ROOT, 'docs/benchmarks.md');

let text = readFileSync(DOCUMENT, 'utf8');
for (const suite of SUITES) {
  const file = join(ROOT, 'bench/results', `${suite.name}.jsonl`);
  if (!existsSync(file)) continue;
  const records = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  text = withPart(text, suite.name, render(suite, records));
}
writeFileSync(DOCUMENT, text);

/** @returns the document with the part of that name replaced. */
function withPart(text, name, part) {
  const begin = `<!-- generated: ${name} -->`;
  const end = '<!-- end of generated part -->';
  const from = text.indexOf(begin);
  if (from < 0) throw new Error(`${DOCUMENT}: expected ${begin}, saw none; put it where the part belongs`);
  const to = text.indexOf(end, from);
  return `${text.slice(0, from)}${begin}\n\n${part}\n\n${text.slice(to)}`;
}
