import type { Digest, Oid, TaskId } from '../ids';
import { setupWords } from '../task/words/setup-words';
import { emptyFolderWords } from '../task/words/folder-words';
import type { ClaimToken, RunRecord } from '../task/task.events';
import type { StagingStatus } from './exit-code-to-status';
import { keysOf, writeFrontMatter } from './front-matter';
import { codeSpan as code, quotedEnd } from '../quoting';

export interface StagingLog {
  readonly task: TaskId;
  readonly title: string;
  readonly status: StagingStatus;
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
 * Renders `15-staging-log.md`. The same data gives the same bytes: the file can be made again from the event. Whatever a
 * suite printed, the strict reader takes the result and finds the verdict of the header and no other.
 *
 * @throws when a value of the header is none that the reader would take (a run id with a line break, say): a bug.
 */
export function renderStagingLog(log: StagingLog): string {
  return `${header(log)}${body(log).join('\n')}\n`;
}

function header({ run, ...log }: StagingLog): string {
  return writeFrontMatter(keysOf('deploy-staging', 'runner'), {
    staging_status: log.status,
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
    producer: 'staging-runner',
    log_digest: run.logDigest,
  });
}

function body({ run, ...log }: StagingLog): string[] {
  return [
    `# Staging run of ${log.task}`,
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
