import { Option, type Command } from 'commander';
import { terminalOutput } from '../output';
import type { ClassifyFlags } from '../classify.command';
import type { ExecOptions } from '../exec.command';
import { LAND_EXIT } from '../land/land-outcome';
import type { LandOptions } from '../land/land-project';
import { UserError } from '../user-error';
import { common, defaultIs, gathered, type Common } from './making';

const MAX_PORT = 65_535;
const NEW_LOG = 'begin anew where the log of the state folder is gone, or is another one';
const LAND_EXIT_HELP = Object.entries(LAND_EXIT)
  .map(([outcome, code]) => `${code} ${outcome}`)
  .join(', ');

/** What runs suites by itself, and what is asked about their ends. @param end is told the exit code. */
export function addRunning(program: Command, end: (code: number) => void): void {
  addUp(program, end);
  addMcp(program, end);
  addDemo(program, end);
  addExec(program, end);
  addClassify(program);
  addLand(program, end);
}

function addUp(program: Command, end: (code: number) => void): void {
  common(program.command('up').description('run the service: conductor, read models and REST'))
    .option('--new-log', NEW_LOG)
    .action(async (options: Common & { newLog?: boolean }) => {
      const { up } = await import('../up.command.js');
      end(await up({ isNewLog: options.newLog ?? false }, terminalOutput(options.json ?? false)));
    });
}

function addMcp(program: Command, end: (code: number) => void): void {
  common(program.command('mcp').description('offer a running service to agents as MCP tools: on stdin and stdout'))
    .option('--port <port>', 'over streamable HTTP at this port of 127.0.0.1 instead; 0 for any that is free')
    .action(async ({ port, json }: Common & { port?: string }) => {
      const { mcp } = await import('../mcp.command.js');
      end(await mcp({ port: port === undefined ? null : portOf(port) }, terminalOutput(json ?? false)));
    });
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= MAX_PORT) return port;
  throw new UserError(`--port: expected a number from 0 to ${MAX_PORT}, saw ${JSON.stringify(text)}`);
}

function addDemo(program: Command, end: (code: number) => void): void {
  common(program.command('demo').description('drive real branches of a sample repository through the whole service'))
    .option('--once', 'end when every task rests')
    .option('--full', 'one task from created to done by a scripted agent, under each way to come to a verdict')
    .addOption(
      new Option(
        '--gates',
        'every gate on: one task refused by each, with its evidence, repaired and landed',
      ).conflicts('full'),
    )
    .action(async (options: Common & { once?: boolean; full?: boolean; gates?: boolean }) => {
      const { demo } = await import('../demo/demo.command.js');
      const { once: isOnce = false, full, gates, json = false } = options;
      end(await demo({ isOnce, show: full ? 'full' : gates ? 'gates' : undefined }, terminalOutput(json)));
    });
}

function addExec(program: Command, end: (code: number) => void): void {
  common(program.command('exec').description('run any command the way suites are run'))
    .argument('<command...>', 'what to run; put -- before it')
    .option('--timeout <duration>', `limit of the run; ${defaultIs('stagingTimeoutS', 's')}`)
    .option('--grace <duration>', `between asking it to end and killing it; ${defaultIs('stagingGraceS', 's')}`)
    .action(async (argv: string[], options: ExecOptions & Common) => {
      const { exec } = await import('../exec.command.js');
      end(await exec(argv, options, terminalOutput(options.json ?? false)));
    });
}

function addClassify(program: Command): void {
  common(program.command('classify').description('say what a failed run means: which rule decides, and why'))
    .argument('<log>', 'what it printed: a file, or - for stdin')
    .option('--exit <code>', 'with what it ended; 1 unless --signal says otherwise')
    .option('--signal <name>', 'what ended it instead: SIGKILL')
    .option('--tool <command>', 'the command as the project file has it, or its tool: pytest, "npm test"')
    .option('--step <step>', 'what it was: suite, or setup', 'suite')
    .option('--oom', 'the kernel has killed something of it for want of memory')
    .action(async (log: string, options: ClassifyFlags & Common) => {
      const { classifyLog } = await import('../classify.command.js');
      await classifyLog(log, options, terminalOutput(options.json ?? false));
    });
}

function addLand(program: Command, end: (code: number) => void): void {
  common(
    program.command('land').description('take one branch through staging, merge gate and landing, without a service'),
  )
    .argument('<branch>', 'what lands')
    .addHelpText('after', `\nExit code: ${LAND_EXIT_HELP}`)
    .requiredOption('--suite <command>', 'what has to pass, run by sh -c at the head and again after the rebase')
    .option('--repo <path>', 'the repository', '.')
    .option('--main <branch>', 'where it lands', 'main')
    .option('--setup <command>', 'runs first in the same clone; its failure is no red')
    .option('--cache <folder>', 'what the set-up makes, kept for later landings; may be given again', gathered)
    .option('--cache-key <file>', 'what that folder follows from; may be given again', gathered)
    .option('--timeout <duration>', `limit of each command; ${defaultIs('stagingTimeoutS', 's')}`)
    .option('--infra-retries <n>', `retries after failures of the machine; ${defaultIs('infraRetries')}`)
    .option('--backoff <duration>', `before the first such retry; doubles; ${defaultIs('backoffS', 's')}`)
    .option(
      '--checkout-depth <commits>',
      'history in the clone of a run: a number, or full, which has main and tags',
      'full',
    )
    .option('--committer <person>', 'who commits copies and merges, as "Name <address>"; stagegate by default')
    .option('--signing-key <file>', 'a private SSH key that signs those commits')
    .option('--submodule <url=path>', 'where a clone of a submodule is; for another one, again', gathered)
    .option('--fetch', 'fetch what main follows first, and land on that; nothing is pushed')
    .option('--new-log', NEW_LOG)
    .action(async (branch: string, options: LandOptions & Common) => {
      const { land } = await import('../land/land.command.js');
      end(await land(branch, options, terminalOutput(options.json ?? false)));
    });
}
