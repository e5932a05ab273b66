import { MOST_REPORT_BYTES, type ReportFault } from '../../application/ports/report-reader';
import { readPlainFile } from './plain-file';

/** The text of a report: a plain file of the clone, of UTF-8 and within the bound. */
export async function readReportFile(
  folder: string,
  path: string,
): Promise<{ readonly kind: 'read'; readonly text: string } | ReportFault> {
  const file = await readPlainFile(folder, path, MOST_REPORT_BYTES);
  if (file.kind === 'fault') return file;
  if (file.bytes.length === 0) return malformed(`expected a report at ${path}, saw an empty file`);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(file.bytes);
    return text.includes('\0') ? malformed(`${path}: expected text, saw NUL`) : { kind: 'read', text };
  } catch {
    // The decoder's only complaint.
    return malformed(`${path}: expected UTF-8, saw other bytes`);
  }
}

function malformed(evidence: string): ReportFault {
  return { kind: 'fault', reason: 'report_malformed', evidence: [evidence] };
}
