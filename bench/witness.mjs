// What it costs to know how many tests ran: `node bench/witness.mjs [--rounds 20]`. Of output the counter's time on top of reading it, of
// reports the time from the folder to the counts and the comparison with main's names.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeFolder, workFolder } from './lib/machine.mjs';
import { product } from './lib/product.mjs';
import { median, rounded } from './lib/stats.mjs';

const { TestCounter } = product('infrastructure/processes/output/test-counter.js');
const { readTestReports } = product('infrastructure/reports/tests/read-test-reports.js');
const { comparedByName, namesIn, namesText } = product('domain/witness/compare-tests.js');

const { values: flags } = parseArgs({ options: { rounds: { type: 'string' } } });
const ROUNDS = Number(flags.rounds ?? 20);

/** Output as a suite prints it: lines of tests, now and then in colour, and a summary. */
function output(bytes) {
  const line = (at) =>
    `\u001b[32m  ✓\u001b[39m adds ${at} and ${at + 1} within the limit of what is allowed (${at % 90} ms)\n`;
  const lines = [];
  for (let length = 0, at = 0; length < bytes; at += 1) {
    lines.push(line(at));
    length += lines[at].length;
  }
  return Buffer.from(`${lines.join('')}Tests:       3 skipped, 997 passed, 1000 total\n`);
}

function timeOf(work) {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}

for (const kib of [64, 1024, 16 * 1024]) {
  const text = output(kib * 1024);
  const times = Array.from({ length: ROUNDS }, () =>
    timeOf(() => {
      const counter = new TestCounter();
      for (let at = 0; at < text.length; at += 65_536) counter.take(text.subarray(at, at + 65_536));
      counter.result();
    }),
  );
  process.stdout.write(`${JSON.stringify({ type: 'witness', of: 'output', kib, ms: rounded(median(times)) })}\n`);
}

const folder = workFolder('witness');
try {
  for (const tests of [100, 1_000, 10_000]) {
    const cases = Array.from(
      { length: tests },
      (_, at) => `<testcase classname="web.Part${at % 40}" name="does ${at}" time="0.01"/>`,
    );
    mkdirSync(join(folder, 'out'), { recursive: true });
    writeFileSync(
      join(folder, 'out/r.xml'),
      `<testsuites><testsuite name="web">${cases.join('\n')}</testsuite></testsuites>`,
    );
    const times = [];
    for (let count = 0; count < ROUNDS; count += 1) {
      const begun = performance.now();
      const { report } = await readTestReports(folder, 'junit', ['out/*.xml']);
      const names = namesText(report.tests);
      comparedByName('main', namesIn(names), namesIn(names));
      times.push(performance.now() - begun);
    }
    process.stdout.write(`${JSON.stringify({ type: 'witness', of: 'junit', tests, ms: rounded(median(times)) })}\n`);
  }
} finally {
  removeFolder(folder);
}
