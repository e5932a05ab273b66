import type { JsonObject } from '../../json';
import { plainLine } from '../../staging/plain-text';
import { byWeight, FINDING_LEVELS, isGrave, newFindings, type Finding } from './findings';
import type { SecurityReport, SecurityThresholds } from './findings';

/** Findings that an event names; all of them are in the report. */
const MOST_FINDINGS = 20;
/** Files that an event names: an override for paths needs all of them. */
const MOST_FAILING_PATHS = 50;
const MOST_TOOLS = 10;
const MESSAGE_CHARS = 160;
const NAME_CHARS = 200;

/** What a scan comes to: what fails, what main has as well, and what somebody has accepted. */
export interface SecurityOutcome {
  /** Unaccepted, grave, and, where only new ones count, not on main. */
  readonly failing: readonly Finding[];
  /** As grave, and on main as well. */
  readonly known: number;
  /** As grave, and accepted. */
  readonly suppressed: readonly Finding[];
}

/** Whether main's report has to be asked: nothing that could fail is nothing that could be new. */
export function needsMain({ findings }: SecurityReport, asked: SecurityThresholds): boolean {
  return asked.findings === 'new' && findings.some((finding) => !finding.isSuppressed && isGrave(finding, asked));
}

/** @param base main's report; null where `needsMain` says no. */
export function securityOutcome(
  { findings }: SecurityReport,
  base: SecurityReport | null,
  asked: SecurityThresholds,
): SecurityOutcome {
  const open = findings.filter(({ isSuppressed }) => !isSuppressed);
  const brought = base === null ? open : newFindings(open, base.findings);
  const failing = byWeight(brought.filter((finding) => isGrave(finding, asked)));
  return {
    failing,
    known: open.filter((finding) => isGrave(finding, asked)).length - failing.length,
    suppressed: byWeight(findings.filter((finding) => finding.isSuppressed && isGrave(finding, asked))),
  };
}

/** What the event keeps of it: bounded, and counted where it is cut. */
export function securityFacts({ tools, findings }: SecurityReport, outcome: SecurityOutcome): JsonObject {
  const { failing, known, suppressed } = outcome;
  const paths = [...new Set(failing.map(({ path }) => path))];
  return {
    counts: Object.fromEntries(FINDING_LEVELS.map((level) => [level, countOf(findings, level)])),
    failing: failing.length,
    findings: failing.slice(0, MOST_FINDINGS).map(shown),
    known,
    pathCount: paths.length,
    paths: paths.slice(0, MOST_FAILING_PATHS),
    suppressed: suppressed.length,
    suppressedFindings: suppressed.slice(0, MOST_FINDINGS).map(shown),
    tools: tools.slice(0, MOST_TOOLS).map((tool) => plainLine(tool, NAME_CHARS)),
  };
}

/** `error js/sql-injection src/db.ts:12: …` */
export function findingLine({ level, severity, rule, path, line, message }: Finding): string {
  const weight = severity === null ? level : `${level} ${severity}`;
  const at = path === '' ? '' : ` ${path}${line === null ? '' : `:${line}`}`;
  return plainLine(`${weight} ${rule}${at}: ${message}`, MESSAGE_CHARS + NAME_CHARS);
}

function shown(finding: Finding): JsonObject {
  const { level, line, message, path, rule, severity, tool } = finding;
  return {
    level,
    line,
    message: plainLine(message, MESSAGE_CHARS),
    path: plainLine(path, NAME_CHARS),
    rule: plainLine(rule, NAME_CHARS),
    severity,
    tool: plainLine(tool, NAME_CHARS),
  };
}

function countOf(findings: readonly Finding[], level: Finding['level']): number {
  return findings.filter((finding) => finding.level === level && !finding.isSuppressed).length;
}
