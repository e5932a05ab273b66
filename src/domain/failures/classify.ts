import type { FailureClass } from '../merge/failure-class';
import type { FailureRule, RuleConditions } from './failure-rule';
import { FAILURE_RULES, NO_RULE } from './failure-rules';
import type { FailureSignal } from './failure-signal';
import { linesOf } from './output-lines';
import { ownsExitCode, showsItself, type ToolName } from './tools';

/** Which rule decided: enough to find out later what it said then, and to classify anew under newer rules. */
export interface RuleRef {
  readonly rule: string;
  readonly ruleVersion: number;
}

export interface FailureFinding extends RuleRef {
  readonly class: FailureClass;
  /** Explained in `failure-words.ts`; `red` for a suite that executed, `unknown` where nothing is known. */
  readonly reason: string;
  readonly retryable: boolean;
  /** What the rule has found in the signal, for people; quoted lines as they were printed. */
  readonly evidence: readonly string[];
}

/** The finding and the rules behind it that would have fitted, too. */
export interface ExplainedFinding {
  readonly finding: FailureFinding;
  readonly rule: FailureRule;
  readonly runnersUp: readonly FailureRule[];
}

/**
 * What a failure says: about the change, about the machine, or nothing. A suite that executed and did not end with 0 is
 * red, unless a rule has strong evidence that it judged nothing; what no rule knows is `other`, which fails closed.
 */
export function classify(signal: FailureSignal): FailureFinding {
  return explain(signal).finding;
}

export function explain(signal: FailureSignal): ExplainedFinding {
  const seen = look(signal);
  const fitting = FAILURE_RULES.filter((rule) => fits(rule.when, seen));
  const [rule = NO_RULE, ...runnersUp] = fitting;
  return { finding: found(rule, seen), rule, runnersUp };
}

interface Seen extends FailureSignal {
  readonly streams: readonly (readonly string[])[];
  /** Of what a wrapper ran, where the wrapper tells it; else the exit code itself. */
  readonly innerExitCode: number | null;
}

function look(signal: FailureSignal): Seen {
  const streams = signal.output.map(linesOf);
  return { ...signal, streams, innerExitCode: ofMake(signal, streams) ?? signal.exitCode };
}

/** `make` ends with 2, whatever its recipe ended with, and tells that one at the end. */
const MAKE_ERROR = /^g?make(?:\[\d{1,3}\])?: \*\*\* \[.{1,200}\] Error (\d{1,3})$/;
const MAKE_LAST_WORDS = 15;

function ofMake({ command, exitCode, reason }: FailureSignal, streams: Seen['streams']): number | null {
  if (exitCode !== 2 || reason !== null || !ownsExitCode(command, 'make')) return null;
  const told = streams.flatMap((lines) => lines.slice(-MAKE_LAST_WORDS)).find((line) => MAKE_ERROR.test(line));
  const code = told === undefined ? undefined : MAKE_ERROR.exec(told)?.[1];
  return code === undefined ? null : Number(code);
}

function fits(when: RuleConditions, seen: Seen): boolean {
  return fitsFacts(when, seen) && fitsTools(when, seen) && fitsOutput(when, seen);
}

function fitsFacts(when: RuleConditions, seen: Seen): boolean {
  const { steps, reasons, reasonStartsWith, exitCodes, failed, isOomKilled } = when;
  if (steps && !steps.includes(seen.step)) return false;
  if (reasons && !reasons.includes(seen.reason)) return false;
  if (reasonStartsWith !== undefined && seen.reason?.startsWith(reasonStartsWith) !== true) return false;
  if (exitCodes && !exitCodes.some((code) => code === seen.innerExitCode)) return false;
  if (failed && (seen.exitCode === null || seen.exitCode === 0)) return false;
  return isOomKilled !== true || seen.isOomKilled;
}

function fitsTools({ tool, owner, command }: RuleConditions, seen: Seen): boolean {
  if (tool && !isKnown(seen, tool)) return false;
  if (owner && !owner.some((name) => ownsExitCode(seen.command, name))) return false;
  return !command || (seen.command !== null && command.test(seen.command));
}

function isKnown({ command, streams }: Seen, tool: ToolName): boolean {
  return ownsExitCode(command, tool) || streams.some((lines) => showsItself(lines, tool));
}

function fitsOutput(when: RuleConditions, seen: Seen): boolean {
  const { says, saysToo, silent, countsExitCode } = when;
  if (says && lineThat(says, when, seen) === null) return false;
  if (saysToo && lineThat(saysToo, when, seen) === null) return false;
  if (silent && seen.streams.some((lines) => lines.some((line) => silent.test(line)))) return false;
  return !countsExitCode || count(when, seen) === seen.exitCode;
}

/** The last line that matches, which is nearest to the end of the run. */
function lineThat(pattern: RegExp, { within }: RuleConditions, { streams }: Seen): string | null {
  const looked = streams.map((lines) => (within === undefined ? lines : lines.slice(-within)));
  return looked.flatMap((lines) => lines.filter((line) => pattern.test(line)).slice(-1)).at(-1) ?? null;
}

function count(when: RuleConditions, seen: Seen): number | null {
  if (!when.says) return null;
  const line = lineThat(when.says, when, seen);
  return line === null ? null : Number(when.says.exec(line)?.[1]);
}

function found(rule: FailureRule, seen: Seen): FailureFinding {
  const byItself = rule.class === 'red' ? 'red' : 'unknown';
  return {
    class: rule.class,
    reason: rule.reason ?? seen.reason ?? byItself,
    retryable: rule.retryable,
    rule: rule.id,
    ruleVersion: rule.version,
    evidence: evidenceOf(rule.when, seen),
  };
}

function evidenceOf(when: RuleConditions, seen: Seen): readonly string[] {
  const { exitCode, innerExitCode } = seen;
  const lines = [when.says, when.saysToo].map((pattern) => (pattern ? lineThat(pattern, when, seen) : null));
  return [
    ...(exitCode === null ? [] : [`exit code ${exitCode}`]),
    ...(innerExitCode === exitCode || innerExitCode === null ? [] : [`inner exit code ${innerExitCode}`]),
    ...(when.isOomKilled ? ['the kernel killed something in this memory cgroup meanwhile'] : []),
    ...new Set(lines.filter((line) => line !== null).map((line) => line.trim())),
  ];
}
