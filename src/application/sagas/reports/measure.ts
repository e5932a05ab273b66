import type { JsonObject } from '../../../domain/json';
import type { Oid } from '../../../domain/ids';
import type { ProjectPolicy, ReportPolicy } from '../../../domain/policy/project-policy';
import type { GitWorkspace, RepositoryRef } from '../../ports/git-workspace';
import type { Parsed, ReportFault, ReportReader } from '../../ports/report-reader';

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

/** How the report of one gate is read, and what is made of it; `G` is what git knows of the two commits. */
export interface Measure<P extends ReportPolicy, R, G> {
  readonly policy: (policy: ProjectPolicy) => P | undefined;
  readonly asked: (policy: P) => JsonObject;
  readonly ground: (git: GitWorkspace, repository: RepositoryRef, judged: Judged) => Promise<G>;
  readonly parse: (reader: ReportReader, text: string, policy: P) => Parsed<R>;
  /** Whether main's report has to be asked as well. */
  readonly needsMain: (report: R, policy: P) => boolean;
  /** @returns a fault where the reports are whole, and cannot be those of the commits. */
  readonly facts: (given: {
    readonly judged: Judged;
    readonly policy: P;
    readonly report: R;
    readonly base: R | null;
    readonly ground: G;
  }) => Facts | ReportFault;
}
