import type { Digest, Oid, TaskId } from '../ids';
import { ruleText } from '../failures/by-rule';
import { codeSpan as code, quotedEnd } from '../quoting';
import type { SuiteVerdict } from '../task/job-row';
import { RETEST_ARTIFACT, rowOf, runnerOf } from '../task/pipeline';
import type { ByRule, ClaimToken, RunRecord } from '../task/task.events';
import { emptyFolderWords } from '../task/words/folder-words';
import { setupWords } from '../task/words/setup-words';
import { comparisonText, type TestComparison } from '../witness/compare-tests';
import { countsText, type TestsOfRun } from '../witness/test-counts';
import { keysOf, RETEST_KEYS, writeFrontMatter, type FrontMatterKey } from './front-matter';

/** What tells the artifact of one kind of run from those of others. */
export interface LogKind {
  readonly heading: string;
  readonly keys: readonly FrontMatterKey[];
  readonly producer: string;
  readonly verdictKey: string;
}

export interface SuiteLog extends ByRule {
  readonly kind: LogKind;
  readonly task: TaskId;
  readonly title: string;
  readonly status: string;
  /** Null for a verdict of an executed suite. */
  readonly cause: string | null;
  readonly claim: ClaimToken;
  readonly subjectOid: Oid;
  /** Of a re-test: what its commit was made from. */
  readonly candidate?: { readonly baseOid: Oid; readonly treeOid: Oid };
  readonly suiteDigest: Digest;
  readonly suite: string;
  readonly run: RunRecord;
  readonly evidence: readonly string[];
  /** The red before it on the same tree, where the run was to confirm one of the same job. */
  readonly first?: Pick<SuiteLog, 'run' | 'tail'>;
  /** Last part of the output, as text. */
  readonly tail: string;
}

/** Of the output, in characters. With its indentation it stays far below what the reader takes. */
const MAX_TAIL_CHARS = 100_000;

/** Of the suite that is the verdict of a stage. */
export function logOfStage({ stage, heading }: Pick<SuiteVerdict, 'stage' | 'heading'>): LogKind {
  const verdictKey = rowOf(stage).artifact?.verdictKey ?? '';
  return { heading, keys: keysOf(stage, 'runner'), producer: runnerOf(stage), verdictKey };
}

export const RETEST_LOG: LogKind = {
  heading: 'Re-test',
  keys: RETEST_KEYS,
  producer: 'merge-gate',
  verdictKey: RETEST_ARTIFACT.verdictKey,
};

/**
 * Renders the artifact of a suite's run (`15-staging-log.md`, `13-test-report.md`, `15-retest-log.md`). The same data gives the
 * same bytes: the file can be made again from the event. Whatever a suite printed, the strict reader takes the result and finds
 * the verdict of the header and no other.
 *
 * @throws when a value of the header is none that the reader would take (a run id with a line break, say): a bug.
 */
export function renderSuiteLog(log: SuiteLog): string {
  return `${header(log)}${body(log).join('\n')}\n`;
}

function header({ run, kind, candidate, ...log }: SuiteLog): string {
  return writeFrontMatter(kind.keys, {
    [kind.verdictKey]: log.status,
    task: log.task,
    run_id: run.runId,
    claim_revision: log.claim,
    subject_oid: log.subjectOid,
    suite_digest: log.suiteDigest,
    ...(run.exitCode === null ? {} : { exit_code: String(run.exitCode) }),
    ...(log.cause === null ? {} : { cause: log.cause }),
    isolation: run.isolation,
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    duration_ms: String(run.durationMs),
    producer: kind.producer,
    log_digest: run.logDigest,
    ...(candidate ? { base_oid: candidate.baseOid, tree_oid: candidate.treeOid } : {}),
  });
}

function body({ run, candidate, ...log }: SuiteLog): string[] {
  return [
    `# ${log.kind.heading} of ${log.task}`,
    '',
    `- title: ${code(log.title)}`,
    `- suite: ${code(log.suite)}`,
    `- commit: ${log.subjectOid}${candidate ? `, the branch on top of main's ${candidate.baseOid}` : ''}`,
    `- exit code: ${run.exitCode === null ? 'none, the suite did not execute' : run.exitCode}`,
    `- duration: ${run.durationMs} ms, isolation ${run.isolation}, leaked processes ended: ${run.leaked}`,
    ...testsLines(run.tests),
    ...comparedLines(run.compared),
    ...ruleLines(log),
    ...emptyFolderWords(run.emptyFolders).map((line) => `- note: ${code(line)}`),
    ...setupWords(run.setup).map((line) => `- set-up: ${code(line)}`),
    ...log.evidence.map((line) => `- ${code(line)}`),
    '',
    ...(log.first ? firstRun(log.first) : []),
    log.first ? '## Output of the second run, last part' : '## Output, last part',
    '',
    quotedEnd(log.tail, MAX_TAIL_CHARS),
  ];
}

function testsLines(tests: TestsOfRun | undefined): readonly string[] {
  if (!tests) return [];
  const { how, rules, isClaimed } = tests;
  return [
    `- tests: ${countsText(tests)}; ${isClaimed ? `claimed by the output (${how})` : `by a report (${how})`}, ${rules.join(', ')}`,
  ];
}

function comparedLines(compared: TestComparison | undefined): readonly string[] {
  const text = compared && comparisonText(compared);
  return text ? [`- beside main: ${code(text)}`] : [];
}

function ruleLines(by: ByRule): readonly string[] {
  const text = ruleText(by);
  return text === null ? [] : [`- rule: ${text}`];
}

function firstRun({ run, tail }: NonNullable<SuiteLog['first']>): string[] {
  return [
    '## Output of the first run, last part',
    '',
    `- run: ${code(run.runId)}, from ${run.startedAt} to ${run.finishedAt}`,
    `- exit code: ${run.exitCode ?? 'none'}`,
    `- log digest: ${run.logDigest}`,
    '',
    quotedEnd(tail, MAX_TAIL_CHARS),
    '',
  ];
}
