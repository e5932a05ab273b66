// The benchmark: `npm run bench`. docs/benchmarks.md says what it measures and how to read it.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from './lib/machine.mjs';
import { ROOT } from './lib/product.mjs';
import { render } from './lib/render.mjs';
import { verdictOf } from './lib/targets.mjs';
import { QUICK, QUICKEST, SUITES } from './suites/suites.mjs';

const { values: flags } = parseArgs({
  options: {
    suite: { type: 'string', multiple: true },
    quick: { type: 'boolean' },
    rounds: { type: 'string' },
    only: { type: 'string' },
    tasks: { type: 'string' },
    gate: { type: 'boolean' },
    dry: { type: 'boolean' },
  },
});
const chosen = flags.suite ? flags.suite.map(suiteNamed) : flags.quick ? QUICK : QUICKEST;
const options = {
  ...(flags.rounds && { rounds: Number(flags.rounds) }),
  ...(flags.tasks && { tasks: Number(flags.tasks) }),
  ...(flags.only && { only: flags.only.split(',') }),
};
const verdicts = [];
for (const suite of chosen) verdicts.push(await runSuite(suite));
process.exitCode = Math.max(0, ...verdicts);

/** Runs one suite; its raw results go to bench/results as they come. @returns the exit code. */
async function runSuite(suite) {
  const records = [];
  const file = join(ROOT, 'bench/results', `${suite.name}.jsonl`);
  const emit = (record) => {
    records.push(record);
    const line = `${JSON.stringify(record)}\n`;
    process.stdout.write(line);
    if (!flags.dry) appendFileSync(file, line);
  };
  mkdirSync(join(ROOT, 'bench/results'), { recursive: true });
  if (!flags.dry) writeFileSync(file, '');
  emit(describeMachine({ suite: suite.name, ...options }));
  await suite.run(options, emit);
  process.stdout.write(`\n${render(suite, records)}\n`);
  return verdictOf(suite, records, flags.gate ?? false);
}

function suiteNamed(name) {
  const suite = SUITES.find((one) => one.name === name);
  if (!suite) throw new Error(`expected one of ${SUITES.map((one) => one.name).join(', ')}, saw ${name}`);
  return suite;
}
