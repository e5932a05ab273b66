import type { RunRecord } from '../../domain/task/task.events';
import type { LogEvent } from '../events/log-event';

const KINDS = ['retest', 'staging', 'testing'] as const;
type Kind = (typeof KINDS)[number];

/** What one suite of a task ran last; on main, once the task has landed. */
export interface SuiteTests {
  readonly project: string;
  /** A re-test ran on what has landed, so it is asked first: in the order of their names. */
  readonly kind: Kind;
  /** Empty before its verdict, which names it. */
  readonly suite: string;
  readonly runId: string;
  /** As JSON; `null` where nothing was said of them. */
  readonly tests: string;
  /** Null: it has not. */
  readonly landedAt: string | null;
}

const STAGES: Readonly<Partial<Record<string, Kind>>> = { 'deploy-staging': 'staging', testing: 'testing' };

export function keysOf(seen: LogEvent): readonly string[] {
  if (seen.of !== 'task') return [];
  const kinds = kindsIn(seen);
  return kinds.map((kind) => `${seen.taskId} ${kind}`);
}

function kindsIn({ event }: Extract<LogEvent, { of: 'task' }>): readonly Kind[] {
  switch (event.type) {
    case 'StagingSuiteExecuted':
      return ['staging'];
    case 'TestSuiteExecuted':
      return ['testing'];
    case 'VerdictRecorded': {
      const kind = event.data.source === 'runner' ? STAGES[event.data.stage] : undefined;
      return kind ? [kind] : [];
    }
    case 'BranchRebased':
    case 'RetestFinished':
      return ['retest'];
    case 'TaskLanded':
      return KINDS;
    default:
      return [];
  }
}

export function fold(row: SuiteTests | null, seen: LogEvent, key: string): SuiteTests | null {
  if (seen.of !== 'task') return row;
  const { project, event } = seen;
  const kind = KINDS.find((each) => key.endsWith(` ${each}`)) ?? 'staging';
  switch (event.type) {
    case 'StagingSuiteExecuted':
    case 'TestSuiteExecuted':
      return ran(project, kind, event.data.run, '');
    case 'RetestFinished':
      return ran(project, kind, event.data.run, event.data.suiteDigest ?? '');
    case 'VerdictRecorded':
      return row && { ...row, suite: event.data.suiteDigest ?? '' };
    case 'BranchRebased':
      // Another candidate: what the one before ran is nothing that lands.
      return null;
    case 'TaskLanded':
      return row && { ...row, landedAt: event.envelope.occurredAt };
    default:
      return row;
  }
}

/** A run that says nothing of its tests is kept too: once it has landed, main says nothing of them. */
function ran(project: string, kind: Kind, { runId, tests }: RunRecord, suite: string): SuiteTests {
  if (!tests) return { project, kind, suite, runId, tests: 'null', landedAt: null };
  const { executed, passed, failed, skipped, how, blocks, rules, isClaimed, list } = tests;
  const kept = {
    executed,
    passed,
    failed,
    skipped,
    how,
    blocks,
    rules,
    ...(isClaimed ? { isClaimed } : {}),
    ...(list ? { list } : {}),
  };
  return { project, kind, suite, runId, tests: JSON.stringify(kept), landedAt: null };
}
