import type { Command } from 'commander';
import type { FlakesAsked } from '../client';
import { showFlakes } from '../flakes.command';
import { showQueue } from '../queue.command';
import { showLog, showRuns, showTask, showWhy } from '../task.commands';
import type { EventsFlags } from '../events/events.command';
import { gathered, reading, TASK, withClient, type Common } from './making';

interface QueueFlags {
  readonly project?: string | null;
  readonly stage?: string | null;
  readonly at?: string | null;
  readonly limit: string;
  readonly cursor?: string | null;
  readonly all?: boolean;
}

/** What only looks. */
export function addReading(program: Command, end: (code: number) => void): void {
  reading(program.command('queue').description('open tasks, where they stand and why'))
    .option('--project <key>', 'only tasks of this project')
    .option('--stage <stage>', 'only tasks at this stage')
    .option('--at <place>', 'as of a position or an instant, for example 2025-01-31T09:30:00Z')
    .option('--limit <n>', 'tasks of a page, at most 500', '100')
    .option('--cursor <cursor>', 'the page that goes on there; every page that is not the last one names it')
    .option('--all', 'page after page, to the end')
    .action(({ project = null, stage = null, at = null, limit, cursor = null, all, ...options }: Common & QueueFlags) =>
      withClient(options, (client, output) =>
        showQueue(client, output, { project, stage, at, limit, cursor, isAll: all === true }),
      ),
    );
  reading(program.command('show').description('one task with its events'))
    .argument('<task>', TASK)
    .action((id: string, options: Common) => withClient(options, (client, output) => showTask(client, output, id)));
  reading(program.command('why').description('why a task stands where it stands'))
    .argument('<task>', TASK)
    .action((id: string, options: Common) => withClient(options, (client, output) => showWhy(client, output, id)));
  reading(program.command('events').description('the log: what has happened, in order, and what comes'))
    .option('--follow', 'goes on with what comes, until it is interrupted')
    .option('--from <place>', 'only what is behind it: a position, start or now', 'start')
    .option('--project <key>', 'only of this project; may be given again', gathered)
    .option('--task <task>', `only of ${TASK}; may be given again`, gathered)
    .option('--type <event>', 'only events of this name, for example TaskLanded; may be given again', gathered)
    .action(async ({ json, repo, ...flags }: Common & EventsFlags) => {
      const { showEvents } = await import('../events/events.command.js');
      await withClient({ ...(json && { json }), ...(repo !== undefined && { repo }) }, async (client, output) => {
        end(await showEvents(client, output, flags));
      });
    });
  reading(program.command('artifacts').description('what was written about a task: reviews, logs, findings, reports'))
    .argument('<task>', TASK)
    .argument('[artifact]', 'prints this one, by its name or its sha256')
    .option('--out <file>', 'writes it there, where no file is yet')
    .action((id: string, named: string | undefined, { out, ...options }: Common & { readonly out?: string }) =>
      withClient(options, async (client, output) => {
        const { showArtifacts } = await import('../artifacts.command.js');
        await showArtifacts(client, output, id, { named: named ?? null, out: out ?? null });
      }),
    );
  reading(program.command('runs').description('runs, latest first'))
    .argument('[task]', `only those of ${TASK}`)
    .action((id: string | undefined, options: Common) =>
      withClient(options, (client, output) => showRuns(client, output, id ?? null)),
    );
  reading(
    program.command('determinization').description('how agents judge, what it takes, and what a switch would save'),
  )
    .option('--project <key>', 'of this project alone; default: of all together')
    .action(async ({ project, ...options }: Common & { readonly project?: string }) => {
      const { showDeterminization } = await import('../determinization.command.js');
      await withClient(options, (client, output) => showDeterminization(client, output, project ?? null));
    });
  reading(program.command('flakes').description('trees on which a suite was both red and green, latest first'))
    .option('--project <key>', 'only those of this project')
    .option('--limit <n>', 'trees of a page, at most 500; default: 100')
    .option('--cursor <cursor>', 'the page that goes on there; every page that is not the last one names it')
    .action(({ project = null, limit = null, cursor = null, ...options }: Common & Partial<FlakesAsked>) =>
      withClient(options, (client, output) => showFlakes(client, output, { project, limit, cursor })),
    );
  reading(program.command('log').description('the output of a run'))
    .argument(
      '<run>',
      'id of a run, or the same with -setup for its set-up, -shadow for the suite beside it, -confirm for the run after a red',
    )
    .action((id: string, options: Common) => withClient(options, (client, output) => showLog(client, output, id)));
}
