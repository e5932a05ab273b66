import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { countsText } from '../../../src/domain/witness/test-counts';
import { countsIn } from './counts-in';

const ROOT = join(__dirname, '../../fixtures/witness');
const CASES = ['normal', 'passed', 'no-tests', 'empty-filter', 'all-skipped', 'crash', 'deleted-file'];
/** Those that are there for one or two of their lines. */
const IN_PART = ['bun', 'deno', 'go-here'];
const RUNNERS = readdirSync(ROOT);

interface Recorded {
  readonly name: string;
  readonly exitCode: number;
  readonly expected: string;
  readonly output: string;
}

/** A head (exit code, command, where it comes from, what it says), an empty line, and what was printed. */
function recorded(runner: string, file: string): Recorded {
  const text = readFileSync(join(ROOT, runner, file), 'utf8');
  const at = text.indexOf('\n\n');
  const head = Object.fromEntries(
    text
      .slice(0, at)
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
  );
  return {
    name: `${runner} ${file}`,
    exitCode: Number(head['exit']),
    expected: head['counts'] ?? '',
    output: text.slice(at + 2),
  };
}

const ALL = RUNNERS.flatMap((runner) => readdirSync(join(ROOT, runner)).map((file) => recorded(runner, file)));

describe('output of test runners', () => {
  it.each(ALL.map((each) => [each.name, each] as const))(
    '%s says how many tests ran',
    (_name, { expected, output }) => {
      const found = countsIn(output);
      expect(found ? countsText(found) : 'none').toBe(expected);
    },
  );

  it('is there of every runner for every case', () => {
    const complete = RUNNERS.filter((runner) => !IN_PART.includes(runner));
    expect(complete.length).toBeGreaterThanOrEqual(17);
    for (const runner of complete)
      expect(readdirSync(join(ROOT, runner)).sort()).toEqual(CASES.map((name) => `${name}.txt`).sort());
  });

  it('is never green without tests, but for go test that does not say what it skipped', () => {
    const isWithout = ({ name }: Recorded) => !/ (?:normal|passed)\.txt$/.test(name);
    const believed = ALL.filter(
      (each) => isWithout(each) && each.exitCode === 0 && countsIn(each.output)?.executed !== 0,
    );
    expect(believed.map(({ name }) => name)).toEqual(['go-plain all-skipped.txt']);
  });

  it.each(ALL.map((each) => [each.name, each] as const))('%s says the same in colours, from Windows', (_name, each) => {
    const coloured = each.output
      .split('\n')
      .map((line) => (line === '' ? '\r' : `\u001b[32m${line}\u001b[0m\r`))
      .join('\n');
    expect(countsIn(coloured)).toEqual(countsIn(each.output));
  });
});
