import { explanationLines } from '../domain/task/words/why';
import { evidenceLines } from '../domain/task/words/evidence-words';
import { overrideLines } from '../domain/task/words/override-words';
import { labelledLines, type LabelledLine } from '../domain/task/words/why-lines';
import { usageText } from '../domain/usage/usage-words';
import type { TaskView } from '../projections/queue/get-task.query';
import { expectedLine } from '../projections/queue/expected-time';
import type { RunView } from '../projections/runs/list-runs.query';
import type { TaskWhy } from '../projections/queue/queue-rows';
import type { Accepted, Operation, SubmitRequest } from '../application/requests';
import { allPages } from './all-pages';
import type { Client } from './client';
import { asJsonText, printJsonParts, printVerbatim, type Output } from './output';
import { bold, dim } from './styled';
import { UserError } from './user-error';
import { quoted } from '../application/secrets';

/** The commands that read and operate; each prints its result and ends. */
export async function showTask(client: Client, output: Output, id: string): Promise<void> {
  const view = known(await client.task(id), id);
  const events = known(await allPages((cursor) => client.events(id, cursor)), id);
  if (output.isJson) {
    output.json({ ...view, events: events.items });
    return;
  }
  const { entry } = view;
  output.line(bold(entry.id), ' ', entry.title);
  output.line(`branch ${entry.branch} at ${entry.headOid ?? 'no commit'}, priority ${entry.priority}`);
  printDescription(output, view.state.description);
  // For ever: that a gate was let through is part of what the task is.
  printWhy(output, entry.stage, entry.why, [...overrideLines(view.state.overrides), ...evidenceLines(view.state)]);
  for (const line of usageLines(view.usage)) output.line(line);
  output.line('');
  output.table(
    ['rev', 'at', 'event', 'what'],
    events.items.map(({ revision, at, type, text }) => [revision, at, type, text]),
  );
}

/** Lines of a description that `show` prints; `--json` has all of them. */
const SHOWN_LINES = 12;
const SHOWN_CHARS = 1_000;

function printDescription(output: Output, description: string | null): void {
  if (description === null) return;
  const shown = description.slice(0, SHOWN_CHARS).trimEnd().split('\n').slice(0, SHOWN_LINES).join('\n');
  output.line('');
  for (const line of shown.split('\n')) output.line(`  ${line}`.trimEnd());
  const left = description.trimEnd().length - shown.length;
  if (left > 0) output.line(dim(`  … ${left} more characters, all of them with --json`));
  output.line('');
}

function usageLines(usage: TaskView['usage']): readonly string[] {
  return labelledLines(
    usage.map(({ runs, counted, ...all }) => {
      const said = counted === 0 ? 'no tokens told' : usageText(all);
      return [all.role, `${runs === 1 ? '1 run' : `${runs} runs`}, ${said}`] as const;
    }),
  );
}

export async function showWhy(client: Client, output: Output, id: string): Promise<void> {
  const why = known(await client.why(id), id);
  if (output.isJson) {
    output.json(why);
    return;
  }
  output.line(bold(why.id));
  printWhy(output, why.stage, why);
}

function printWhy(output: Output, stage: string, why: TaskWhy, more: readonly LabelledLine[] = []): void {
  const lines: readonly LabelledLine[] = [
    ['stage', stage],
    ...explanationLines(why),
    ['when', expectedLine(why.expected)],
    ...more,
  ];
  for (const line of labelledLines(lines)) output.line(line);
}

export async function showRuns(client: Client, output: Output, taskId: string | null): Promise<void> {
  if (taskId !== null) known(await client.task(taskId), taskId);
  const view = await client.runs(taskId);
  if (output.isJson) {
    output.json(view);
    return;
  }
  const hasUsage = view.items.some(({ agentUsage }) => agentUsage !== null);
  const rows = view.items.map((run) => [
    ...[run.runId, run.taskId, run.job, run.outcome, run.claimedAt, whyEnded(run)],
    ...(hasUsage ? [run.agentUsage ? usageText(run.agentUsage) : ''] : []),
  ]);
  output.table(['run', 'task', 'job', 'outcome', 'claimed', 'why', ...(hasUsage ? ['tokens'] : [])], rows);
}

function whyEnded({ reason, detail }: RunView): string {
  return [reason, detail].filter((part) => part !== null).join(': ');
}

export async function showLog(client: Client, output: Output, runId: string): Promise<void> {
  const log = await client.log(runId);
  if (log === null)
    throw new UserError(`${runId}: expected a run whose output is kept on this machine, saw none; see stagegate runs`);
  if (output.isJson) await printJsonParts(asJsonText({ runId }, 'log', log));
  else await printVerbatim(log);
}

export async function submit(client: Client, output: Output, task: SubmitRequest): Promise<void> {
  reportTask(await client.submit(task), output, 'submitted');
}

export async function operate(
  client: Client,
  output: Output,
  operation: Operation,
  { id, reason }: { id: string; reason: string },
): Promise<void> {
  const past = { hold: 'held', release: 'released', retry: 'runs again', cancel: 'cancelled' } as const;
  const task = await client.operate(operation, id, reason);
  const done = task.isQueued
    ? `is landing; ${operation} is answered when git has said how that ended`
    : past[operation];
  reportTask(task, output, done);
}

export async function changePriority(client: Client, output: Output, id: string, priority: number): Promise<void> {
  reportTask(await client.changePriority(id, priority), output, `has priority ${priority}`);
}

export function reportTask(task: Accepted, output: Output, what: string): void {
  if (output.isJson) output.json(task);
  else output.line(`${task.id} ${what}, at ${task.stage}`);
}

/** @throws UserError when there is no such task. */
export function known<T>(view: T | null, id: string): T {
  if (view === null)
    throw new UserError(`task: expected <project>.<task> that exists, saw ${quoted(id)}; see stagegate queue`);
  return view;
}
