import type { Oid, TaskId } from '../ids';
import { codeSpan, quotedEnd } from '../quoting';
import type { RunRecord } from '../task/task.events';

export interface RetestLog {
  readonly task: TaskId;
  /** The commit that was tested: the head on top of main's commit. */
  readonly newOid: Oid;
  readonly baseOid: Oid;
  readonly suite: string;
  readonly run: RunRecord;
  /** Last part of the output, as text. */
  readonly tail: string;
}

/** Of the output, in characters. */
const MAX_TAIL_CHARS = 100_000;

/** What a re-test that was not green printed last, for whoever has to repair the change. The same data gives the same bytes. */
export function renderRetestLog({ task, newOid, baseOid, suite, run, tail }: RetestLog): string {
  const lines = [
    `# Re-test of ${task}`,
    '',
    `- suite: ${codeSpan(suite)}`,
    `- commit: ${newOid}, the branch on top of main's ${baseOid}`,
    `- exit code: ${run.exitCode ?? 'none'}`,
    `- run: ${run.runId}, ${run.durationMs} ms`,
    '',
    '## Output, last part',
    '',
    quotedEnd(tail, MAX_TAIL_CHARS),
  ];
  return `${lines.join('\n')}\n`;
}
