import type { JsonObject } from '../../../domain/json';
import type { Instant } from '../../../domain/instant';
import type { Oid } from '../../../domain/ids';
import type { MeasuringPolicy, ProjectPolicy, ReportPolicy } from '../../../domain/policy/project-policy';
import type { GitWorkspace, RepositoryRef } from '../../ports/git-workspace';
import type { HostEnvironment } from '../../ports/host-environment';
import type { ImageRegistry } from '../../ports/image-registry';
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

export interface MeasureDeps {
  readonly reports: ReportReader;
  readonly registry: ImageRegistry;
  readonly host: HostEnvironment;
}

/** Where a command has run; null where none has. */
export interface Place {
  readonly folder: string | null;
  readonly oid: Oid;
  readonly signal: AbortSignal;
}

export type Found = { readonly kind: 'read'; readonly text: string } | ReportFault;

/** What an event names of what speaks against a change; all of it is among the artifacts. */
export const SEEN_LINES = 12;

/** How the report of one gate is read, and what is made of it; `G` is what git knows of the two commits. */
export interface Measure<P extends MeasuringPolicy, R, G> {
  readonly policy: (policy: ProjectPolicy) => P | undefined;
  readonly asked: (policy: P) => JsonObject;
  readonly ground: (git: GitWorkspace, repository: RepositoryRef, judged: Judged) => Promise<G>;
  /** Where the report is. */
  readonly source: (deps: MeasureDeps, policy: P, place: Place) => Promise<Found>;
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
    /** When it is judged. */
    readonly at: Instant;
  }) => Facts | ReportFault;
}

/** The source of a command that leaves its report where its witness is. */
export function atWitness({ reports }: MeasureDeps, { run }: ReportPolicy, place: Place): Promise<Found> {
  return reports.file(folderOf(place), run.witness.path);
}

export function folderOf({ folder }: Place): string {
  if (folder === null) throw new Error('a report in a folder is asked for without a command');
  return folder;
}
