import type { Digest, Oid, TaskId } from '../ids';
import type { Instant } from '../instant';
import { codeSpan as code, quotedEnd } from '../quoting';
import type { MonitorPolicy } from '../policy/project-policy';
import { finishText, pollsIn, type MonitorStatus } from '../task/monitor';
import { rowOf, runnerOf } from '../task/pipeline';
import type { ClaimToken } from '../task/task.events';
import type { MonitorWindow } from '../task/task.state';
import { keysOf, writeFrontMatter } from './front-matter';

/** Of the last poll's output, in characters. */
const MAX_TAIL_CHARS = 100_000;

export interface MonitorLog {
  readonly task: TaskId;
  readonly title: string;
  readonly status: MonitorStatus;
  readonly window: MonitorWindow;
  readonly policy: MonitorPolicy;
  /** What was asked, as it may be shown. */
  readonly asked: string;
  readonly checkDigest: Digest;
  readonly subjectOid: Oid;
  /** Of the last poll. */
  readonly claim: ClaimToken;
  readonly runId: string;
  readonly finishedAt: Instant;
  readonly tail: string;
}

/** Renders `17-monitor-log.md` of a window that is over. */
export function renderMonitorLog(log: MonitorLog): string {
  const { window, policy } = log;
  const header = writeFrontMatter(keysOf('monitoring', 'runner'), {
    [rowOf('monitoring').artifact?.verdictKey ?? '']: log.status,
    task: log.task,
    run_id: log.runId,
    claim_revision: log.claim,
    subject_oid: log.subjectOid,
    check_digest: log.checkDigest,
    polls: String(window.polls),
    bad_polls: String(window.bad),
    started_at: window.firstAt,
    finished_at: log.finishedAt,
    producer: runnerOf('monitoring'),
  });
  const body = [
    `# Monitoring of ${log.task}`,
    '',
    `- title: ${code(log.title)}`,
    `- asked: ${code(log.asked)}`,
    `- commit: ${log.subjectOid}`,
    `- window: ${pollsIn(policy)} polls, one every ${policy.everyMs} ms, ${policy.timeoutMs} ms at most for each`,
    `- degraded by: ${policy.failures} bad polls in a row`,
    `- result: ${code(finishText(window, log.status))}`,
    '',
    ...badPolls(window),
    '## Output of the last poll, last part',
    '',
    quotedEnd(log.tail, MAX_TAIL_CHARS),
  ];
  return `${header}${body.join('\n')}\n`;
}

function badPolls({ bad, seen }: MonitorWindow): readonly string[] {
  if (bad === 0) return [];
  const lines = seen.map(({ poll, at, seen: what }) => `- poll ${poll}, ${at}: ${code(what)}`);
  return [`## Bad polls, the newest ${seen.length} of ${bad}`, '', ...lines, ''];
}
