import type { QueueView } from '../projections/queue/get-queue.query';
import { MOST_PER_PAGE } from '../projections/page';
import type { Client, QueueAsked } from './client';
import type { Output } from './output';
import { dim, yellow } from './styled';

export interface QueueOptions extends QueueAsked {
  /** Page after page, to the end. */
  readonly isAll: boolean;
}

/** Prints open tasks and how many there are besides; or, as JSON, the answer of `GET /queue`. */
export async function showQueue(client: Client, output: Output, { isAll, ...asked }: QueueOptions): Promise<void> {
  const view = isAll ? await allPages(client, asked) : await client.queue(asked);
  if (output.isJson) {
    output.json(view);
    return;
  }
  if (asked.at !== null) output.line(dim(`as of ${view.at}, position ${view.position}`));
  const rows = view.stages.flatMap(({ stage, tasks }) =>
    tasks.map((task) => [task.id, stage, task.status, String(task.attempt), task.since, task.why.text]),
  );
  if (rows.length > 0) output.table(['task', 'stage', 'status', 'attempt', 'since', 'why'], rows);
  for (const { project, cause, remedy } of view.set_aside)
    output.line(yellow('set aside'), ` ${project}: ${cause}; ${remedy}`);
  for (const { name, error, since } of view.subscribers)
    if (error !== null) output.line(yellow('stuck'), ` ${name} since ${since ?? 'the start'}: ${error}`);
  const { dead } = view.alerts.deliveries;
  if (dead > 0) output.line(yellow('dead letters'), ` ${dead}: stagegate alerts deliveries --outcome dead`);
  const open = openAt(view, null);
  if (view.nextCursor !== null) {
    const shown = `${rows.length} of ${openAt(view, asked.stage)} shown`;
    output.line(dim(`${shown}; go on with --cursor ${view.nextCursor}, see all with --all`));
  }
  const { done, cancelled, rejected } = view.finished;
  output.line(
    dim(`${open} open, ${done} done, ${cancelled} cancelled, ${rejected} rejected, ${view.alerts.open} alerts open`),
  );
}

function openAt({ stages }: QueueView, stage: string | null): number {
  return stages.reduce((sum, one) => sum + (stage === null || one.stage === stage ? one.open : 0), 0);
}

/** The first page, with the tasks of all pages after it. Between two pages a task may move to where nobody looks again. */
async function allPages(client: Client, asked: QueueAsked): Promise<QueueView> {
  const largest = { ...asked, limit: String(MOST_PER_PAGE) };
  const first = await client.queue(largest);
  const pages = [first];
  for (let cursor = first.nextCursor; cursor !== null; cursor = pages.at(-1)?.nextCursor ?? null)
    pages.push(await client.queue({ ...largest, cursor }));
  const stages = first.stages.map((stage, index) => ({
    ...stage,
    tasks: pages.flatMap((page) => page.stages[index]?.tasks ?? []),
  }));
  return { ...first, stages, nextCursor: null };
}
