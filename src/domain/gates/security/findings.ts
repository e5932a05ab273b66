/** In the order of their weight, as SARIF 2.1.0 has them. */
export const FINDING_LEVELS = ['none', 'note', 'warning', 'error'] as const;
export type FindingLevel = (typeof FINDING_LEVELS)[number];

/** One thing that a scanner has found. */
export interface Finding {
  readonly tool: string;
  readonly rule: string;
  readonly level: FindingLevel;
  /** `security-severity`, 0 to 10; null where the scanner gives none. */
  readonly severity: number | null;
  /** As the report has it, relative to the repository where it can be; empty where it names no file. */
  readonly path: string;
  readonly line: number | null;
  readonly message: string;
  /** Somebody has accepted it, in the source or beside it. */
  readonly isSuppressed: boolean;
  /** The same for the same finding in another commit, wherever its line has gone. */
  readonly identity: string;
}

/** What a scanner's report says of one commit. */
export interface SecurityReport {
  readonly tools: readonly string[];
  readonly findings: readonly Finding[];
}

/** What is asked of a report. */
export interface SecurityThresholds {
  readonly level: FindingLevel | null;
  readonly severity: number | null;
  readonly findings: 'new' | 'all';
}

/** Whether a finding is grave enough to fail, whoever brought it in. */
export function isGrave({ level, severity }: Finding, asked: SecurityThresholds): boolean {
  const byLevel = asked.level !== null && FINDING_LEVELS.indexOf(level) >= FINDING_LEVELS.indexOf(asked.level);
  return byLevel || (asked.severity !== null && severity !== null && severity >= asked.severity);
}

/**
 * Findings that main does not have. Counted: of three with one identity two are new where main has one, so that a fault that is
 * copied is seen. Which of them those are, only the file can tell, and only where main has none in it.
 *
 * @param base what is suppressed on main is not known there: whoever takes the suppression away brings it in.
 */
export function newFindings(findings: readonly Finding[], base: readonly Finding[]): readonly Finding[] {
  const known = byIdentity(base.filter(({ isSuppressed }) => !isSuppressed));
  return [...byIdentity(findings)].flatMap(([identity, found]) => {
    const before = known.get(identity) ?? [];
    const paths = new Set(before.map(({ path }) => path));
    return [...found.filter(({ path }) => paths.has(path)), ...found.filter(({ path }) => !paths.has(path))].slice(
      before.length,
    );
  });
}

/** The gravest first; then as people look them up. */
export function byWeight(findings: readonly Finding[]): readonly Finding[] {
  const weight = ({ level }: Finding) => FINDING_LEVELS.indexOf(level);
  return [...findings].sort(
    (a, b) =>
      (b.severity ?? -1) - (a.severity ?? -1) ||
      weight(b) - weight(a) ||
      textOrder(a.path, b.path) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      textOrder(a.rule, b.rule),
  );
}

function byIdentity(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const group = groups.get(finding.identity);
    if (group) group.push(finding);
    else groups.set(finding.identity, [finding]);
  }
  return groups;
}

/** By code units: the same on every machine. */
function textOrder(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
