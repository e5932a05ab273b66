import type { Command } from 'commander';
import { reading, withClient, type Common } from '../verbs/making';
import type { TakeFlags } from './by-hand.commands';
import type { WorkerFlags } from './worker.command';

const CLONE_FROM = 'the repository as this machine reaches it; default: as the service does';
const GIVING_UP = {
  fail: 'say that work that was taken could not be done; it is tried again within the budget of agents',
  release: 'give work that was taken back, for somebody else to take',
} as const;

/** The verbs for work that no configured agent does. @param end is told the exit code. */
export function addWork(program: Command, end: (code: number) => void): void {
  const work = program.command('work').description('do what no configured agent does: by a command, or by hand');
  addWorker(work, end);
  addTaking(work, end);
  addEnding(work);
}

function addWorker(work: Command, end: (code: number) => void): void {
  reading(work.command('run', { isDefault: true }).description('a worker: take work, have a command do it, hand it in'))
    .argument('<command...>', 'what does the work; put -- before it')
    .requiredOption('--role <role>', 'whose work')
    .option('--project <key>', 'only of this project')
    .option('--once', 'end after one piece of work, or when there is none')
    .option('--timeout <duration>', 'limit of the command; default: the bound of the claim')
    .option('--clone-from <url>', CLONE_FROM)
    .action((command: string[], options: Common & WorkerFlags) =>
      withClient(options, async (client, output) => {
        const { runWorker } = await import('./worker.command.js');
        end(await runWorker(client, command, options, output));
      }),
    );
}

function addTaking(work: Command, end: (code: number) => void): void {
  reading(work.command('list').description('what there is to take, the most urgent first'))
    .option('--project <key>', 'only of this project')
    .option('--role <role>', 'only of this role')
    .action((options: Common & { project?: string; role?: string }) =>
      withClient(options, async (client, output) => (await byHand()).listWork(client, output, options)),
    );
  reading(work.command('take').description('take the work of a task, and keep it until it is handed in'))
    .argument('<task>', 'a task, as <project>.<task>')
    .option('--dir <folder>', 'where brief, clone and claim go; default: a folder named like the task')
    .option('--clone-from <url>', CLONE_FROM)
    .option('--detach', 'end at once; heartbeats are then yours to send')
    .action((task: string, options: Common & TakeFlags) =>
      withClient(options, async (client, output) => {
        end(await (await byHand()).takeByHand(client, output, task, options));
      }),
    );
}

function addEnding(work: Command): void {
  reading(work.command('complete').description('hand in work that was taken: its artifact, or its commits'))
    .argument('[folder]', 'the folder of the work', '.')
    .option('--artifact <file>', 'the artifact, where it is not in the folder')
    .action((folder: string, options: Common & { artifact?: string }) =>
      withClient(options, async (client, output) =>
        (await byHand()).completeByHand(client, output, folder, options.artifact),
      ),
    );
  reading(work.command('heartbeat').description('say that work that was taken is still being done'))
    .argument('[folder]', 'the folder of the work', '.')
    .action((folder: string, options: Common) =>
      withClient(options, async (client, output) => (await byHand()).heartbeatByHand(client, output, folder)),
    );
  for (const how of ['fail', 'release'] as const) {
    reading(work.command(how).description(GIVING_UP[how]))
      .argument('[folder]', 'the folder of the work', '.')
      .option('--reason <text>', 'for the record', 'no reason given')
      .action((folder: string, options: Common & { reason: string }) =>
        withClient(options, async (client, output) => {
          const { giveUpByHand } = await byHand();
          await giveUpByHand(client, output, how, { folder, reason: options.reason });
        }),
      );
  }
}

/** Loaded when it is asked for. */
function byHand(): Promise<typeof import('./by-hand.commands.js')> {
  return import('./by-hand.commands.js');
}
