import type { CoverageReport } from '../../../domain/gates/coverage/coverage-report';
import { Malformed } from '../malformed';
import { FileLines, isAny, mustBeWithin, seen, wholeIn } from './file-lines';

/** The record of one source file, while it is read. */
interface Open {
  readonly lines: Map<number, boolean>;
  /** Of this record alone: whether it told of a line, and of a covered one. */
  hasLine: boolean;
  hasCovered: boolean;
  found: number | null;
  hit: number | null;
}

/**
 * A tracefile of lcov. Files and lines are read; functions and branches are left out, and so is whatever record newer versions add. What the
 * file says of its own totals decides nothing, but totals that deny the lines above them make it no report.
 */
export function readLcov(text: string): CoverageReport {
  const files = new FileLines();
  let open: Open | null = null;
  let number = 0;
  const at = () => `line ${number}`;
  for (const line of linesOf(text)) {
    number += 1;
    if (open && line.startsWith('DA:')) takeLine(files, open, line.slice(3), at);
    else if (line !== '' && !line.startsWith('#') && !line.startsWith('TN:'))
      open = takeRecord(files, open, line, at());
  }
  if (open) throw new Malformed('expected end_of_record at the end, saw none: the report is broken off');
  return files.report('lcov');
}

/** One at a time: a list of all lines of a large report is larger than the report. */
function* linesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    const line = end < 0 ? text.slice(at) : text.slice(at, end);
    yield line.trimEnd();
    at += line.length + 1;
  }
}

/** `line,hits`, and a checksum behind it in some reports. */
function takeLine(files: FileLines, open: Open, value: string, at: () => string): void {
  const [number = '', hits = ''] = value.split(',', 2);
  files.hit(open.lines, { number, hits, at });
  open.hasLine = true;
  open.hasCovered ||= isAny(hits);
}

/** @returns the record that is open behind it. */
function takeRecord(files: FileLines, open: Open | null, line: string, at: string): Open | null {
  const [, record = '', value = ''] = /^([A-Z]{2,10}):(.*)$/s.exec(line) ?? [];
  if (record === 'SF') {
    if (open) throw new Malformed(`${at}: expected end_of_record before the next file, saw ${seen(line)}`);
    if (value === '') throw new Malformed(`${at}: expected the path of a file, saw none`);
    return { lines: files.linesOf([value]), hasLine: false, hasCovered: false, found: null, hit: null };
  }
  if (!open || (record === '' && line !== 'end_of_record'))
    throw new Malformed(`${at}: expected a record of a tracefile, saw ${seen(line)}`);
  if (record === 'LF') open.found = wholeIn(value, `${at}: LF`);
  if (record === 'LH') open.hit = wholeIn(value, `${at}: LH`);
  if (record !== '') return open;
  mustAgree(open, at);
  return null;
}

function mustAgree({ found, hit, hasLine, hasCovered }: Open, at: string): void {
  if (found !== null && hit !== null) mustBeWithin(hit, found, `${at}: LH`);
  if (found !== null && found > 0 && !hasLine)
    throw new Malformed(`${at}: expected the ${found} lines that LF tells of, saw none`);
  if (hit !== null && hasLine && hit > 0 !== hasCovered)
    throw new Malformed(`${at}: expected ${hit} covered lines, as LH says, saw ${hasCovered ? 'some' : 'none'}`);
}
