import { isObject } from '../../domain/shape';
import type { LogEvent } from '../events/log-event';

/** Where the report of one commit is kept. */
export interface KnownReport {
  readonly project: string;
  readonly gate: string;
  readonly oid: string;
  readonly command: string;
  /** Its digest, among the artifacts. */
  readonly report: string;
}

export function keysOf(seen: LogEvent): readonly string[] {
  return reportsIn(seen).map(reportKey);
}

export function fold(row: KnownReport | null, seen: LogEvent, key: string): KnownReport | null {
  return row ?? reportsIn(seen).find((each) => reportKey(each) === key) ?? null;
}

export function reportKey({ project, gate, oid, command }: Omit<KnownReport, 'report'>): string {
  return [project, gate, oid, command].join(' ');
}

/** Of the candidate, and of main where it was compared. What came from outside is no report of a command of ours. */
function reportsIn(seen: LogEvent): readonly KnownReport[] {
  if (seen.of !== 'task' || seen.event.type !== 'EvidenceRecorded') return [];
  const { project, event } = seen;
  const { gate, claim, subjectOid, evidence } = event.data;
  const { command, report, base } = evidence;
  if (claim === undefined || typeof command !== 'string' || typeof report !== 'string') return [];
  const found = { project, gate, oid: subjectOid, command, report };
  const [oid, ofMain] = isObject(base) ? [base['oid'], base['report']] : [];
  const hasMain = typeof oid === 'string' && typeof ofMain === 'string' && oid !== subjectOid;
  return hasMain ? [found, { ...found, oid, report: ofMain }] : [found];
}
