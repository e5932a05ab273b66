import type { StoredEvent } from '../../application/ports/event-store';
import type { SubmittedTask } from '../../domain/task/task.state';
import { EXIT } from '../exit-codes';
import { outcomeOf } from '../land/land-outcome';
import type { Output } from '../output';
import { red } from '../styled';
import { STORIES, type Expected } from './stories';

export interface DemoSummary {
  readonly tasks: readonly {
    readonly id: string;
    readonly expected: Expected;
    readonly stage: string;
    /** How it ended, in the words of `land`. */
    readonly status: string;
    readonly landedOid: string | null;
  }[];
  readonly alerts: readonly { readonly key: string; readonly severity: string; readonly title: string }[];
  readonly mainBefore: string;
  readonly mainAfter: string;
  readonly durationMs: number;
}

export function summarize(
  tasks: readonly SubmittedTask[],
  events: readonly StoredEvent[],
  mains: { readonly mainBefore: string; readonly mainAfter: string },
  durationMs: number,
): DemoSummary {
  const ended = STORIES.flatMap(({ project, branch, expected }) => {
    const task = tasks.find(({ id }) => id === `${project}.${branch}`);
    if (!task) return [];
    const { id, stage, landed } = task;
    return [{ id, expected, stage, status: outcomeOf(task), landedOid: landed?.newOid ?? null }];
  });
  const alerts = events.flatMap(({ type, data }) => {
    const { key, severity, title } = data as { key: string; severity: string; title: string };
    return type === 'AlertRaised' ? [{ key, severity, title }] : [];
  });
  return { tasks: ended, alerts, ...mains, durationMs };
}

/** @returns 0 only if every task ended as announced. */
export function report(summary: DemoSummary, output: Output): number {
  const isAsAnnounced =
    summary.tasks.length === STORIES.length && summary.tasks.every(({ expected, status }) => expected === status);
  if (output.isJson) {
    output.json({ summary });
    return isAsAnnounced ? EXIT.ok : EXIT.internal;
  }
  const rows = summary.tasks.map(({ id, expected, stage, status, landedOid }) => {
    const mark = expected === status ? 'as announced' : `announced: ${expected}`;
    return [id, status, stage, landedOid?.slice(0, 8) ?? '-', mark];
  });
  output.line('');
  output.table(['task', 'ended', 'stage', 'commit', ''], rows);
  for (const { title } of summary.alerts) output.line(red('alert'), ` ${title}`);
  output.line(
    `main ${summary.mainBefore.slice(0, 8)} → ${summary.mainAfter.slice(0, 8)} in ${(summary.durationMs / 1000).toFixed(1)} s`,
  );
  return isAsAnnounced ? EXIT.ok : EXIT.internal;
}
