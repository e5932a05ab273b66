import type { CoverageReport, ReportedFile } from '../../../domain/gates/coverage/coverage-report';
import { jsonOf } from '../bounded-json';
import { fieldsOf, kindOf, Malformed } from '../malformed';
import { mustBeWithin, reportOf } from './file-lines';

const MOST_FILES = 100_000;

/** `coverage-summary.json` of Istanbul: figures of each file, and none of its lines. */
export function readSummary(text: string): CoverageReport {
  const { total, ...others } = fieldsOf(jsonOf(text), 'the report');
  if (total === undefined) throw new Malformed('total: expected the totals of all files, saw nothing');
  const entries = Object.entries(others);
  if (entries.length > MOST_FILES) throw new Malformed(`expected at most ${MOST_FILES} files, saw ${entries.length}`);
  const files = entries.map(([path, value]): ReportedFile => ({
    paths: [path],
    lines: null,
    ...linesIn(value, path.slice(0, 200)),
  }));
  const all = linesIn(total, 'total');
  const sum = (of: 'covered' | 'coverable') => files.reduce((until, file) => until + file[of], 0);
  for (const of of ['covered', 'coverable'] as const)
    if (all[of] !== sum(of))
      throw new Malformed(`total: expected ${sum(of)} lines (${of}), as all files have, saw ${all[of]}`);
  return reportOf('summary', files);
}

function linesIn(value: unknown, at: string): { readonly covered: number; readonly coverable: number } {
  const lines = fieldsOf(fieldsOf(value, at)['lines'], `${at}: lines`);
  const [covered, coverable] = [countIn(lines['covered'], `${at}: covered`), countIn(lines['total'], `${at}: total`)];
  mustBeWithin(covered, coverable, at);
  const { pct } = lines;
  // `Unknown` where there is nothing.
  if (pct !== undefined && pct !== 'Unknown' && !(typeof pct === 'number' && pct >= 0 && pct <= 100))
    throw new Malformed(`${at}: pct: expected a number from 0 to 100, saw ${kindOf(pct)}`);
  return { covered, coverable };
}

function countIn(value: unknown, at: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new Malformed(`${at}: expected a whole number from 0 on, saw ${kindOf(value)}`);
}
