// Results as tables: `node bench/report.mjs` puts those of bench/results into docs/benchmarks.md, or into the page of a suite.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/product.mjs';
import { render } from './lib/render.mjs';
import { SUITES } from './suites/suites.mjs';

const DOCUMENT = 'docs/benchmarks.md';

for (const suite of SUITES) {
  const file = join(ROOT, 'bench/results', `${suite.name}.jsonl`);
  if (!existsSync(file)) continue;
  const records = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const page = suite.page ?? DOCUMENT;
  const path = join(ROOT, page);
  writeFileSync(path, withPart(readFileSync(path, 'utf8'), page, suite.name, render(suite, records)));
}

/** @returns the document with the part of that name replaced. */
function withPart(text, page, name, part) {
  const begin = `<!-- generated: ${name} -->`;
  const end = '<!-- end of generated part -->';
  const from = text.indexOf(begin);
  if (from < 0) throw new Error(`${page}: expected ${begin}, saw none; put it where the part belongs`);
  const to = text.indexOf(end, from);
  return `${text.slice(0, from)}${begin}\n\n${part}\n\n${text.slice(to)}`;
}
