import type { Parsed } from '../../../application/ports/report-reader';
import type { CoverageFormat, CoverageReport } from '../../../domain/gates/coverage/coverage-report';
import { parsedBy } from '../malformed';
import { readClover } from './read-clover';
import { readCobertura } from './read-cobertura';
import { readLcov } from './read-lcov';
import { readSummary } from './read-summary';

const READERS: Readonly<Record<CoverageFormat, (text: string) => CoverageReport>> = {
  lcov: readLcov,
  cobertura: readCobertura,
  clover: readClover,
  summary: readSummary,
};

/** A coverage report, read strictly and only as far as lines go. */
export function readCoverage(given: string, format: CoverageFormat | 'auto'): Parsed<CoverageReport> {
  // Some tools of Windows begin with it.
  const text = given.startsWith('\ufeff') ? given.slice(1) : given;
  return parsedBy(() => READERS[format === 'auto' ? formatOf(text) : format](text));
}

/** How far the beginning of a report is looked at for what it is. */
const BEGINNING_CHARS = 4_096;

function formatOf(text: string): CoverageFormat {
  const beginning = text.trimStart().slice(0, BEGINNING_CHARS);
  if (beginning.startsWith('{')) return 'summary';
  if (!beginning.startsWith('<')) return 'lcov';
  // Both begin with the element coverage; what comes next tells them apart.
  return /<(?:project|testproject)[\s>]|<coverage\b[^>]*\sclover=/.test(beginning) ? 'clover' : 'cobertura';
}
