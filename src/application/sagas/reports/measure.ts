import type { JsonObject } from '../../../domain/json';
import type { Oid } from '../../../domain/ids';
import type { ProjectPolicy, ReportPolicy } from '../../../domain/policy/project-policy';
import type { Parsed, ReportReader } from '../../ports/report-reader';

/** The commits that a report is about. */
export interface Judged {
  readonly task: string;
  readonly newOid: Oid;
  readonly baseOid: Oid;
}

/** What evidence adds to what all reports have in common. */
export interface Facts {
  readonly data: JsonObject;
  /** Lines that say what speaks against the change; none where nothing does. */
  readonly seen: readonly string[];
  /** All of it for whoever repairs the change; null where there is nothing to repair. */
  readonly details: string | null;
}

/** How the report of one gate is read, and what is made of it. */
export interface Measure<P extends ReportPolicy, R> {
  readonly policy: (policy: ProjectPolicy) => P | undefined;
  readonly asked: (policy: P) => JsonObject;
  readonly parse: (reader: ReportReader, text: string) => Parsed<R>;
  /** Whether main's report has to be asked as well. */
  readonly needsMain: (report: R, policy: P) => boolean;
  readonly facts: (given: {
    readonly judged: Judged;
    readonly policy: P;
    readonly report: R;
    readonly base: R | null;
  }) => Facts;
}
