import { canonicalJson, type JsonObject } from '../json';
import type { MeasuringPolicy, ProjectPolicy } from '../policy/project-policy';
import { JOBS } from '../task/job-table';
import { jobFor } from '../task/job';
import type { GateName } from '../task/pipeline';
import { hold, NOT_CONFIGURED, notReady, type Gate, type GateResult } from './gate';
import { evidenceFor } from './subject';

/** What evidence of a report holds for every gate, beside what the gate itself asks of it. */
export interface ReportEvidence extends JsonObject {
  /** What was asked of the report: a gate that asks for something else by now has no answer in it. */
  readonly asked: JsonObject;
  /** Digest of the command and everything else that it depends on but the commit. */
  readonly command: string;
  /** Digest of the report, among the artifacts. */
  readonly report: string;
  /** main's side of the comparison; null where nothing was compared. */
  readonly base: { readonly oid: string; readonly report: string } | null;
}

/** The rule of one gate that judges by a report. */
export interface ReportRule<P extends MeasuringPolicy> {
  readonly gate: GateName;
  readonly version: number;
  readonly policy: (policy: ProjectPolicy) => P | undefined;
  readonly asked: (policy: P) => JsonObject;
  /** @returns null for evidence that it cannot read, which only an odd log has. */
  readonly judge: (evidence: JsonObject) => GateResult | null;
  /** As `Gate` has it, of evidence that is against the change; left out where nothing is left of it only without all paths. */
  readonly isMetWithout?: (evidence: JsonObject, waived: ReadonlySet<string>) => boolean;
}

/**
 * A gate that judges by the report of a command. Only evidence about the very commit that is to land counts, found out by what
 * the gate asks for now; whatever else there is, it waits. That the report could not be had is the infra path.
 */
export function reportGate<P extends MeasuringPolicy>(rule: ReportRule<P>): Gate {
  const { gate: name, version, isMetWithout } = rule;
  return {
    name,
    version,
    ...(isMetWithout && {
      isMetWithout: (task, waived) => isMetWithout(evidenceFor(task, name)?.data ?? {}, waived),
    }),
    evaluate: (task, projectPolicy) => {
      const policy = rule.policy(projectPolicy);
      if (!policy) return NOT_CONFIGURED;
      if (task.exhausted && JOBS[task.exhausted.kind].gate === name) return hold('infra-exhausted');
      const found = evidenceFor(task, name)?.data;
      if (!found) return notReady(`${jobFor(name)?.kind ?? name} has not run on the candidate yet`);
      if (!isAsked(found['asked'], rule.asked(policy))) return notReady('something else was asked of the report');
      return rule.judge(found) ?? notReady('the evidence cannot be read');
    },
  };
}

/** What an answer rests on: what was asked of which report, and what else its gate names. */
export function citedOf(evidence: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(['asked', 'report', ...names].map((name) => [name, evidence[name] ?? null]));
}

/** Files that an override may name. None where something that fails is in no file, or where there are more files than the evidence names. */
export function allPaths({ paths, pathCount }: JsonObject): readonly string[] {
  const named = Array.isArray(paths) ? paths.filter((path) => typeof path === 'string' && path !== '') : [];
  return named.length === pathCount ? (named as readonly string[]) : [];
}

function isAsked(before: JsonObject[string], asked: JsonObject): boolean {
  return before !== undefined && canonicalJson(before) === canonicalJson(asked);
}
