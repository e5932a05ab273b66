import type { Digest, Oid, TaskId } from '../ids';
import type { ClaimToken, RunRecord } from '../task/task.events';
import type { StagingStatus } from './exit-code-to-status';
import { keysOf, writeFrontMatter } from './front-matter';

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

/** Renders `15-staging-log.md`. The same data gives the same bytes: the file can be made again from the event. */
export function renderStagingLog(log: StagingLog): string {
  const { run } = log;
  const header = writeFrontMatter(keysOf('deploy-staging', 'runner'), {
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
  const facts = [
    `- suite: ${inline(log.suite)}`,
    `- commit: ${log.subjectOid}`,
    `- exit code: ${run.exitCode === null ? 'none, the suite did not execute' : run.exitCode}`,
    `- duration: ${run.durationMs} ms, isolation ${run.isolation}, leaked processes ended: ${run.leaked}`,
    ...log.evidence.map((line) => `- ${inline(line)}`),
  ];
  return [
    header + `# Staging run of ${inline(log.task)}`,
    '',
    ...facts,
    '',
    '## Output, last part',
    '',
    quoted(log.tail),
    '',
  ].join('\n');
}

/** Escape sequences (CSI, OSC and the two-byte ones), as terminals understand them. */

const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]{0,4096}(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
/** Controls but for tab and newline, and the characters that reorder text on screen. */

const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/g;

/** Text that a terminal, a Markdown page or a reader of lines cannot be tricked with. */
export function plainText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(ESCAPES, '').replace(UNSAFE, '');
}

function inline(text: string): string {
  return plainText(text).replace(/\s+/g, ' ').slice(0, 500);
}

/** Four spaces make a code block that no content can close, and no line of it can pass for front matter. */
function quoted(text: string): string {
  return plainText(text)
    .replace(/\n+$/, '')
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
