import { Command, CommanderError, Option } from 'commander';
import { OPERATIONS, type Operation, type SubmitRequest } from '../application/requests';
import { keepSecrets, secretsIn } from '../application/secrets';
import { TOKEN_LIFE_DAYS } from '../domain/access/grant';
import { PRINCIPAL_KINDS, SCOPES } from '../domain/authority/principal';
import { A_PRIORITY, isPriority, PRIORITIES } from '../domain/task/priority';
import { SERVICE_KEYS } from '../infrastructure/config/service-keys';
import type { Client } from './client';
import { descriptionOf, type DescriptionFlags } from './description-file';
import type { ClassifyFlags } from './classify.command';
import type { ExecOptions } from './exec.command';
import { EXIT } from './exit-codes';
import { LAND_EXIT } from './land/land-outcome';
import type { LandOptions } from './land/land-project';
import { stderr, stdout } from '../infrastructure/terminal/standard-stream';
import { visibleText } from '../infrastructure/terminal/visible';
import { printFault, printMistake, printMisuse, terminalOutput, type Output } from './output';
import { showQueue } from './queue.command';
import { showFlakes } from './flakes.command';
import { changePriority, operate, showLog, showRuns, showTask, showWhy, submit } from './task.commands';
import { createToken, listTokens, revokeToken, type TokenFlags } from './token.commands';
import { switchMechanism, type SwitchFlags } from './switch.command';
import { manifest } from './manifest';
import type { EvidenceFlags } from './evidence.command';
import type { OverrideFlags } from './override.command';
import { isForUser, UserError } from './user-error';
import { addWork } from './work/work-program';
import { quoted } from '../application/secrets';

const NEW_LOG = 'begin anew where the log of the state folder is gone, or is another one';
const TASK = 'a task, as <project>.<task>';
const WHAT_IT_DOES: Readonly<Record<Operation, string>> = {
  hold: 'stop a task where it is; a run under way finishes',
  release: 'lift a hold, and renew the budget that caused it',
  retry: "void the stage's verdict and run it again, free; lifts a hold too",
  cancel: 'take a task out of the pipeline',
};
const LAND_EXIT_HELP = Object.entries(LAND_EXIT)
  .map(([outcome, code]) => `${code} ${outcome}`)
  .join(', ');

interface QueueFlags {
  readonly project?: string | null;
  readonly stage?: string | null;
  readonly at?: string | null;
  readonly limit: string;
  readonly after?: string | null;
  readonly all?: boolean;
}

interface Common {
  readonly json?: boolean;
  readonly repo?: string;
}

type SubmitFlags = Common & Omit<SubmitRequest, 'priority'> & { priority?: string } & DescriptionFlags;

/** Runs one command line. @returns the exit code; prints every error itself. */
export async function runCli(argv: readonly string[]): Promise<number> {
  // What is typed in the wrong place is repeated by many a message.
  keepSecrets(argv.flatMap(secretsIn));
  let code: number = EXIT.ok;
  const program = makeProgram((result) => {
    code = result;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    return explainError(error);
  }
}

/**
 * Every verb and flag. What a verb needs is loaded when it runs: `--help` should not wait for a query builder.
 *
 * @param end is told the exit code of a verb that has one of its own.
 */
export function makeProgram(end: (code: number) => void): Command {
  const program = new Command('stagegate')
    .description(
      'Referees software delivery by agents: deterministic gates, one event log, no infrastructure taken for code.',
    )
    .version(manifest().version)
    .exitOverride()
    .configureHelp({ sortSubcommands: true })
    .configureOutput({
      writeOut: (text) => {
        stdout.write(visibleText(text));
      },
      writeErr: (text) => {
        stderr.write(visibleText(text));
      },
      // It repeats what it was given.
      outputError: printMisuse,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  addService(program, end);
  addClassify(program);
  addLand(program, end);
  addReading(program);
  addOperating(program);
  addPriority(program);
  addOverride(program);
  addEvidence(program);
  addSwitch(program);
  addLane(program);
  addWork(program, { reading, withClient, end });
  addKeeping(program, end);
  addAudit(program);
  addTokens(program);
  return program;
}

function addService(program: Command, end: (code: number) => void): void {
  common(program.command('up').description('run the service: conductor, read models and REST'))
    .option('--new-log', NEW_LOG)
    .action(async (options: Common & { newLog?: boolean }) => {
      const { up } = await import('./up.command.js');
      end(await up({ isNewLog: options.newLog ?? false }, terminalOutput(options.json ?? false)));
    });
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
      const { demo } = await import('./demo/demo.command.js');
      const { once: isOnce = false, full, gates, json = false } = options;
      end(await demo({ isOnce, show: full ? 'full' : gates ? 'gates' : undefined }, terminalOutput(json)));
    });
  common(program.command('exec').description('run any command the way suites are run'))
    .argument('<command...>', 'what to run; put -- before it')
    .option('--timeout <duration>', `limit of the run; ${defaultIs('stagingTimeoutS', 's')}`)
    .option('--grace <duration>', `between asking it to end and killing it; ${defaultIs('stagingGraceS', 's')}`)
    .action(async (argv: string[], options: ExecOptions & Common) => {
      const { exec } = await import('./exec.command.js');
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
      const { classifyLog } = await import('./classify.command.js');
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
      const { land } = await import('./land/land.command.js');
      end(await land(branch, options, terminalOutput(options.json ?? false)));
    });
}

/** Of an option that may be given again. */
function gathered(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function addReading(program: Command): void {
  reading(program.command('queue').description('open tasks, where they stand and why'))
    .option('--project <key>', 'only tasks of this project')
    .option('--stage <stage>', 'only tasks at this stage')
    .option('--at <place>', 'as of a position or an instant, for example 2025-01-31T09:30:00Z')
    .option('--limit <n>', 'tasks of a page, at most 500', '100')
    .option('--after <cursor>', 'the page that goes on there; every page that is not the last one names it')
    .option('--all', 'page after page, to the end')
    .action(({ project = null, stage = null, at = null, limit, after = null, all, ...options }: Common & QueueFlags) =>
      withClient(options, (client, output) =>
        showQueue(client, output, { project, stage, at, limit, after, isAll: all === true }),
      ),
    );
  reading(program.command('show').description('one task with its events'))
    .argument('<task>', TASK)
    .action((id: string, options: Common) => withClient(options, (client, output) => showTask(client, output, id)));
  reading(program.command('why').description('why a task stands where it stands'))
    .argument('<task>', TASK)
    .action((id: string, options: Common) => withClient(options, (client, output) => showWhy(client, output, id)));
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
      const { showDeterminization } = await import('./determinization.command.js');
      await withClient(options, (client, output) => showDeterminization(client, output, project ?? null));
    });
  reading(program.command('flakes').description('trees on which a suite was both red and green, latest first'))
    .option('--project <key>', 'only those of this project')
    .action(({ project = null, ...options }: Common & { readonly project?: string | null }) =>
      withClient(options, (client, output) => showFlakes(client, output, project)),
    );
  reading(program.command('log').description('the output of a run'))
    .argument(
      '<run>',
      'id of a run, or the same with -setup for its set-up, -shadow for the suite beside it, -confirm for the run after a red',
    )
    .action((id: string, options: Common) => withClient(options, (client, output) => showLog(client, output, id)));
}

function addOperating(program: Command): void {
  reading(program.command('submit').description('enter a task into the pipeline'))
    .argument('<branch>', 'what is to land')
    .requiredOption('--project <key>', 'whose branch it is')
    .option('--id <key>', 'name of the task within its project; default: made from the branch and its head')
    .option('--title <text>', 'for people; default: the branch')
    .option('--description <text>', 'what is to be done: the first thing that agents read')
    .option('--description-file <file>', 'the same from a file, or - for stdin')
    .option('--start-stage <stage>', 'where it enters, one of the entryStages of the project; default: created')
    .option('--priority <0-9>', 'whose turn it is in the lane, 9 first; default: 5')
    .option('--depends-on <task>', 'a task that has to land first; may be given again', gathered)
    .action(async (branch: string, options: SubmitFlags) => {
      const description = await descriptionOf(options);
      await withClient(options, (client, output) => {
        const { project, id, title, startStage } = options;
        return submit(client, output, {
          project,
          branch,
          id,
          title,
          description,
          startStage,
          dependsOn: options.dependsOn,
          priority: options.priority === undefined ? undefined : priorityOf(options.priority, '--priority'),
        });
      });
    });
  for (const operation of OPERATIONS) {
    reading(program.command(operation).description(WHAT_IT_DOES[operation]))
      .argument('<task>', TASK)
      .option('--reason <text>', 'for the record', 'no reason given')
      .action((id: string, options: Common & { reason: string }) =>
        withClient(options, (client, output) => operate(client, output, operation, { ...options, id })),
      );
  }
}

function addPriority(program: Command): void {
  reading(program.command('priority').description('whose turn it is in the lane: another priority for a task'))
    .argument('<task>', TASK)
    .argument('<number>', `${A_PRIORITY}, ${PRIORITIES.highest} first`)
    .action((id: string, number: string, options: Common) => {
      const priority = priorityOf(number, 'number');
      return withClient(options, (client, output) => changePriority(client, output, id, priority));
    });
}

function addOverride(program: Command): void {
  reading(
    program.command('override').description('let a gate pass that does not pass by itself, on record and for a time'),
  )
    .argument('<task>', TASK)
    .argument('<gate>', 'name of the gate, as why and events say it')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--expires <time>', 'how long it counts (30m, 12h, 7d), or until which instant; default: 7d')
    .option('--path <path>', 'only for this path, where the gate judges by paths; may be given again', gathered)
    .action((task: string, gate: string, options: Common & OverrideFlags) =>
      withClient(options, async (client, output) => {
        const { overrideGate } = await import('./override.command.js');
        await overrideGate(client, output, { task, gate }, options);
      }),
    );
}

function addEvidence(program: Command): void {
  reading(program.command('evidence').description('say how a check of a commit went, for a gate that judges by that'))
    .argument('<task>', TASK)
    .option('--gate <gate>', 'which gate', 'check_ci_green')
    .requiredOption('--name <text>', 'of the check')
    .requiredOption('--result <result>', 'success, failure, or another word of the forges')
    .option('--head <commit>', 'which commit was checked; default: the one that gates judge')
    .option('--url <url>', 'where more is told')
    .option('--file <path>', 'a text file that is kept; may be given again', gathered)
    .action((task: string, options: Common & EvidenceFlags) =>
      withClient(options, async (client, output) => {
        const { bringEvidence } = await import('./evidence.command.js');
        await bringEvidence(client, output, task, options);
      }),
    );
}

function addSwitch(program: Command): void {
  reading(program.command('switch').description('mechanisms of projects: how they are, and one switched on or off'))
    .argument('[name]', 'of a switch, as the project file has it; default: all')
    .argument('[state]', 'on, off, or default, which gives it back to project file and environment')
    .option('--project <key>', 'whose switch it is')
    .option('--reason <text>', 'for the record')
    .action((name: string | undefined, state: string | undefined, options: Common & SwitchFlags) =>
      withClient(options, (client, output) => switchMechanism(client, output, name, state, options)),
    );
}

function addLane(program: Command): void {
  const lane = program.command('lane').description('the lane of a project');
  reading(lane.command('resume').description('let a paused lane take tasks again'))
    .argument('<project>', 'whose lane it is')
    .requiredOption('--reason <text>', 'for the record')
    .action((project: string, options: Common & { readonly reason: string }) =>
      withClient(options, async (client, output) => {
        const { resumeLane } = await import('./lane.command.js');
        await resumeLane(client, output, { project, reason: options.reason });
      }),
    );
}

function addKeeping(program: Command, end: (code: number) => void): void {
  reading(program.command('doctor').description('look at everything this stands on, and say what to put right')).action(
    async (options: Common) => {
      const { doctor } = await import('./doctor/doctor.command.js');
      end(await doctor(options.repo, terminalOutput(options.json ?? false)));
    },
  );
  common(program.command('migrate').description('bring a PostgreSQL database to the schema of this version'))
    .option('--grant-to <role>', 'the role that services connect as: it may append, and change nothing')
    .action(async ({ grantTo = null, json = false }: Common & { grantTo?: string | null }) => {
      const { migrateStore } = await import('./migrate.command.js');
      await migrateStore(grantTo, terminalOutput(json));
    });
  reading(program.command('rebuild').description('make read models again from the log, beside the ones in use'))
    .argument('[projection]', 'which; default: all')
    .action(async (name: string | undefined, options: Common) => {
      const { rebuild } = await import('./rebuild.command.js');
      await rebuild(name, options.repo, terminalOutput(options.json ?? false));
    });
}

function addAudit(program: Command): void {
  const audit = program.command('audit').description('the whole log, out of a store and into another one');
  reading(audit.command('export').description('write the whole log as JSON Lines'))
    .option('--out <file>', 'where to; default: stdout')
    .action(async (options: Common & { out?: string }) => {
      const { auditExport } = await import('./audit/audit-export.command.js');
      await auditExport(options, terminalOutput(options.json ?? false));
    });
  common(audit.command('import').description('bring an exported log into an empty store'))
    .option('--in <file>', 'where from; default: stdin')
    .action(async (options: Common & { in?: string }) => {
      const { auditImport } = await import('./audit/audit-import.command.js');
      await auditImport(options, terminalOutput(options.json ?? false));
    });
}

function addTokens(program: Command): void {
  const token = program.command('token').description('who may do what over HTTP: tokens, and what they are good for');
  common(token.command('create').description('make a token; its secret is shown once'))
    .argument('<name>', 'as whom the log knows whoever sends it')
    .requiredOption('--scope <scope>', `${SCOPES.join(', ')}; may be given again`, gathered)
    .option('--project <key>', 'where; may be given again; default: in every project', gathered)
    .option('--kind <kind>', `whose it is: ${PRINCIPAL_KINDS.join(', ')}`, 'service')
    .option('--expires <when>', 'after a while (30d, 12h), at an instant, or never', `${TOKEN_LIFE_DAYS}d`)
    .action((name: string, options: Common & TokenFlags) =>
      withClient(options, (client, output) => createToken(client, output, name, options)),
    );
  common(token.command('list').description('every token that there ever was, without its secret')).action(
    (options: Common) => withClient(options, listTokens),
  );
  common(token.command('revoke').description('let nobody in with a token any more, from the next request on'))
    .argument('<token>', 'its name, or its id')
    .option('--reason <text>', 'for the record', 'no reason given')
    .action((named: string, options: Common & { reason: string }) =>
      withClient(options, (client, output) => revokeToken(client, output, named, options.reason)),
    );
}

async function withClient(options: Common, work: (client: Client, output: Output) => Promise<void>): Promise<void> {
  const { connect } = await import('./connect.js');
  const client = await connect(options.repo);
  try {
    await work(client, terminalOutput(options.json ?? false));
  } finally {
    await client.close();
  }
}

/** Where a flag's value comes from when it is left out. */
function defaultIs(key: keyof typeof SERVICE_KEYS, unit = ''): string {
  const { name, fallback } = SERVICE_KEYS[key];
  return `default: ${name}, or ${fallback}${unit}`;
}

function common(command: Command): Command {
  return command
    .option('--json', 'results as JSON on stdout')
    .showHelpAfterError('(stagegate help shows every command)');
}

function reading(command: Command): Command {
  return common(command).option('--repo <path>', 'the state that land keeps in this repository');
}

/** @param name of the flag or argument that says it. */
function priorityOf(text: string, name: string): number {
  if (!/^\d$/.test(text) || !isPriority(Number(text)))
    throw new UserError(`${name}: expected ${A_PRIORITY}, saw ${quoted(text)}`);
  return Number(text);
}

function explainError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (isForUser(error)) {
    printMistake(error.message);
    return EXIT.usage;
  }
  printFault(error);
  return EXIT.internal;
}
