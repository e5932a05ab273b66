import type { Digest, Oid, TaskId } from '../ids';
import { setupWords } from '../task/words/setup-words';
import { emptyFolderWords } from '../task/words/folder-words';
import type { ClaimToken, RunRecord } from '../task/task.events';
import type { SuiteVerdict } from '../task/job-table';
import { rowOf, runnerOf } from '../task/pipeline';
import { keysOf, writeFrontMatter } from './front-matter';
import { codeSpan as code, quotedEnd } from '../quoting';

export interface SuiteLog {
  /** Of which stage, and under which heading. */
  readonly verdict: Pick<SuiteVerdict, 'stage' | 'heading'>;
  readonly task: TaskId;
  readonly title: string;
  readonly status: string;
  /** Null for a verdict of an executed suite. */
  readonly cause: string | null;
  readonly claim: ClaimToken;
  readonly subjectOid: Oid;
  readonly suiteDigest: Digest;
  readonly suite: string;
  readonly run: RunRecord;
  readonly evidence: readonly string[];
  /** Last part of the output, as text. */
  readonly tail: string;
}

/** Of the output, in characters. With its indentation it stays far below what the reader takes. */
const MAX_TAIL_CHARS = 100_000;

/**
 * Renders the artifact of a suite's run (`15-staging-log.md`, `13-test-report.md`). The same data gives the same bytes: the file can be made again from the event. Whatever a
 * suite printed, the strict reader takes the result and finds the verdict of the header and no other.
 *
 * @throws when a value of the header is none that the reader would take (a run id with a line break, say): a bug.
 */
export function renderSuiteLog(log: SuiteLog): string {
  return `${header(log)}${body(log).join('\n')}\n`;
}

function header({ run, ...log }: SuiteLog): string {
  const { stage } = log.verdict;
  return writeFrontMatter(keysOf(stage, 'runner'), {
    [rowOf(stage).artifact?.verdictKey ?? '']: log.status,
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
    producer: runnerOf(stage),
    log_digest: run.logDigest,
  });
}

function body({ run, ...log }: SuiteLog): string[] {
  return [
    `# ${log.verdict.heading} of ${log.task}`,
    '',
    `- title: ${code(log.title)}`,
    `- suite: ${code(log.suite)}`,
    `- commit: ${log.subjectOid}`,
    `- exit code: ${run.exitCode === null ? 'none, the suite did not execute' : run.exitCode}`,
    `- duration: ${run.durationMs} ms, isolation ${run.isolation}, leaked processes ended: ${run.leaked}`,
    ...emptyFolderWords(run.emptyFolders).map((line) => `- note: ${code(line)}`),
    ...setupWords(run.setup).map((line) => `- set-up: ${code(line)}`),
    ...log.evidence.map((line) => `- ${code(line)}`),
    '',
    '## Output, last part',
    '',
    quotedEnd(log.tail, MAX_TAIL_CHARS),
  ];
}
