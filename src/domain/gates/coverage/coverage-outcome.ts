import { matchesGlobs } from '../../globs';
import type { CoveragePolicy } from '../../policy/project-policy';
import {
  changedCoverage,
  changedSources,
  fileOfAnotherCommit,
  isMapped,
  type ChangedSources,
  type UncoveredLines,
} from './changed-lines';
import type { ChangedFile, CoverageFormat, CoverageReport } from './coverage-report';
import type { CoverageFigures, Figure } from './figures';
import { mapReport, type Mapped } from './mapping';

/** What git knows of the two commits. */
export interface CoverageGround {
  readonly changed: readonly ChangedFile[];
  /** Paths of all files of the candidate, and of main's commit. */
  readonly files: ReadonlySet<string>;
  readonly filesOfMain: ReadonlySet<string>;
}

/** What a coverage report comes to. */
export interface CoverageOutcome {
  readonly figures: CoverageFigures;
  readonly format: CoverageFormat;
  /** Files of the commit that were measured. */
  readonly fileCount: number;
  readonly foreign: readonly string[];
  /** Changed files that the report does not know, few enough. */
  readonly missing: readonly string[];
  /** Changed lines that no test has executed. */
  readonly uncovered: readonly UncoveredLines[];
}

/** Why a report is none of the commit: the infra path. */
export interface CoverageFault {
  readonly reason: 'report_mismatch' | 'nothing_measured';
  readonly evidence: string;
}

type Policy = Pick<CoveragePolicy, 'floor' | 'tolerance' | 'changedLines' | 'sources'> & {
  readonly reportPath: string;
};

/** Whether main's report has to be asked: to compare, or because nothing was measured, which may be how it is. */
export function needsMainsCoverage({ files }: CoverageReport, { tolerance }: Pick<Policy, 'tolerance'>): boolean {
  return tolerance !== null || files.every(({ coverable }) => coverable === 0);
}

/** @param base main's report; null where `needsMainsCoverage` says no. */
export function coverageOutcome(
  { report, base }: { readonly report: CoverageReport; readonly base: CoverageReport | null },
  ground: CoverageGround,
  policy: Policy,
): CoverageOutcome | CoverageFault {
  const mapped = counted(mapReport(report, ground.files, policy.reportPath), policy);
  if (mapped.files.size === 0) return strange(mapped, policy);
  const onMain = base && mapReport(base, ground.filesOfMain, policy.reportPath);
  // Where `sources` names none of them main may have nothing that counts; a report of other files says nothing about main.
  if (onMain?.files.size === 0) return strange(onMain, { ...policy, sources: [] }, "main's commit");
  const sources = changedSources(ground.changed, mapped, policy.sources);
  const other = fileOfAnotherCommit(sources, mapped);
  if (other !== null) return mismatch(`${other}: expected lines of the commit, saw some behind the end of the file`);
  if (!isMapped(sources)) return tooFew(sources);
  const change = policy.changedLines === null ? null : changedCoverage(sources, mapped);
  if (policy.changedLines !== null && change === null)
    return mismatch(`expected lines, for \`changedLines\`, saw the format ${report.format}, which has none`);
  const total = totalOf(mapped);
  const main = onMain && totalOf(counted(onMain, policy));
  if (total.coverable === 0 && (main === null || main.coverable > 0))
    return { reason: 'nothing_measured', evidence: `expected lines that can be covered, saw none${ofMain(main)}` };
  return {
    figures: { total, main: policy.tolerance === null ? null : main, changed: change?.figure ?? null },
    format: report.format,
    fileCount: mapped.files.size,
    foreign: mapped.foreign,
    missing: sources.missing.map(({ path }) => path),
    uncovered: change?.uncovered ?? [],
  };
}

export function isFault(outcome: CoverageOutcome | CoverageFault): outcome is CoverageFault {
  return 'reason' in outcome;
}

/** Of all measured files those that count. */
function counted(mapped: Mapped, { sources }: Policy): Mapped {
  if (sources.length === 0) return mapped;
  return { ...mapped, files: new Map([...mapped.files].filter(([path]) => matchesGlobs(path, sources))) };
}

function totalOf({ files }: Mapped): Figure {
  let [covered, coverable] = [0, 0];
  for (const file of files.values()) {
    covered += file.covered;
    coverable += file.coverable;
  }
  return { covered, coverable };
}

function strange({ foreign }: Mapped, { sources }: Policy, commit = 'the commit'): CoverageFault {
  const which = sources.length === 0 ? `files of ${commit}` : `files of ${commit} that \`sources\` names`;
  const seen = foreign.length === 0 ? 'none' : `none; the first of ${foreign.length} others: ${foreign[0] ?? ''}`;
  return mismatch(`expected ${which} in the report, saw ${seen}`);
}

const MOST_MISSING = 5;

function tooFew({ known, missing }: ChangedSources): CoverageFault {
  const all = known.length + missing.length;
  const named = missing.slice(0, MOST_MISSING).map(({ path }) => path);
  const more = missing.length > named.length ? ` and ${missing.length - named.length} more` : '';
  return mismatch(
    `expected nine in ten of the ${all} changed source files in the report, saw ${known.length}; missing: ${named.join(', ')}${more}`,
  );
}

function mismatch(evidence: string): CoverageFault {
  return { reason: 'report_mismatch', evidence };
}

function ofMain(main: Figure | null): string {
  return main ? `; main has ${main.coverable}` : '';
}
