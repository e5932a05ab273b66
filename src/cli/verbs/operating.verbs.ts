import type { Command } from 'commander';
import type { AlertAnswerKind } from '../../application/alert-operations';
import { OPERATIONS, type Operation, type SubmitRequest } from '../../application/requests';
import { quoted } from '../../application/secrets';
import { A_PRIORITY, isPriority, PRIORITIES } from '../../domain/task/priority';
import { descriptionOf, type DescriptionFlags } from '../description-file';
import type { EvidenceFlags } from '../evidence.command';
import type { OverrideFlags, WaiveFlags } from '../override.command';
import { switchMechanism, type SwitchFlags } from '../switch.command';
import { changePriority, operate, submit } from '../task.commands';
import { terminalOutput } from '../output';
import { UserError } from '../user-error';
import { common, gathered, reading, TASK, withClient, type Common } from './making';

const WHAT_IT_DOES: Readonly<Record<Operation, string>> = {
  hold: 'stop a task where it is; a run under way finishes',
  release: 'lift a hold, and renew the budget that caused it',
  retry: "void the stage's verdict and run it again, free; lifts a hold too",
  cancel: 'take a task out of the pipeline',
};

type SubmitFlags = Common & Omit<SubmitRequest, 'priority'> & { priority?: string } & DescriptionFlags;

/** What changes how tasks and projects go on. */
export function addOperating(program: Command): void {
  addSubmit(program);
  addOperations(program);
  addPriority(program);
  addOverride(program);
  addWaive(program);
  addEvidence(program);
  addSwitch(program);
  addLane(program);
  addAlerts(program);
}

function addSubmit(program: Command): void {
  reading(program.command('submit').description('enter a task into the pipeline'))
    .argument('<branch>', 'what is to land')
    .requiredOption('--project <key>', 'whose branch it is')
    .option('--id <key>', 'name of the task within its project; default: made from the branch and its head')
    .option('--title <text>', 'for people; default: the branch')
    .option('--description <text>', 'what is to be done: the first thing that agents read')
    .option('--description-file <file>', 'the same from a file, or - for stdin')
    .option('--start-stage <stage>', 'where it enters, one of the entryStages of the project; default: created')
    .option('--priority <0-9>', 'whose turn it is in the lane and for slots, 9 first; default: 5')
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
}

function addOperations(program: Command): void {
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
  reading(program.command('priority').description('whose turn it is: another priority for a task'))
    .argument('<task>', TASK)
    .argument('<number>', `${A_PRIORITY}, ${PRIORITIES.highest} first`)
    .action((id: string, number: string, options: Common) => {
      const priority = priorityOf(number, 'number');
      return withClient(options, (client, output) => changePriority(client, output, id, priority));
    });
}

/** @param name of the flag or argument that says it. */
function priorityOf(text: string, name: string): number {
  if (!/^\d$/.test(text) || !isPriority(Number(text)))
    throw new UserError(`${name}: expected ${A_PRIORITY}, saw ${quoted(text)}`);
  return Number(text);
}

function addOverride(program: Command): void {
  reading(program.command('override').description('let a whole gate pass, whatever it says, on record and for a time'))
    .argument('<task>', TASK)
    .argument('<gate>', 'name of the gate, as why and events say it')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--expires <time>', 'how long it counts (30m, 12h, 7d), or until which instant; default: 7d')
    .action((task: string, gate: string, options: Common & OverrideFlags) =>
      withClient(options, async (client, output) => {
        const { overrideGate } = await import('../override.command.js');
        await overrideGate(client, output, { task, gate }, options);
      }),
    );
}

function addWaive(program: Command): void {
  reading(
    program
      .command('waive')
      .description('let what a gate has found pass, by paths where it has some, on record and for a time'),
  )
    .argument('<task>', TASK)
    .argument('<gate>', 'name of the gate, as why and events say it')
    .requiredOption('--reason <text>', 'why, for the record')
    .option(
      '--path <path>',
      'this file or folder; may be given again; default: every path that the gate has named',
      gathered,
    )
    .option('--expires <time>', 'how long it counts (30m, 12h, 7d), or until which instant; default: 7d')
    .action((task: string, gate: string, options: Common & WaiveFlags) =>
      withClient(options, async (client, output) => {
        const { waiveGate } = await import('../override.command.js');
        await waiveGate(client, output, { task, gate }, options);
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
        const { bringEvidence } = await import('../evidence.command.js');
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
        const { resumeLane } = await import('../lane.command.js');
        await resumeLane(client, output, { project, reason: options.reason });
      }),
    );
}

interface AlertFlags {
  readonly state?: string | null;
  readonly project?: string | null;
  readonly limit?: string | null;
  readonly cursor?: string | null;
}

const ALERT = 'its key, as the list and the alert itself say it';

function addAlerts(program: Command): void {
  const alerts = program.command('alerts').description('alerts, and what people do about them');
  reading(alerts.command('list', { isDefault: true }).description('alerts, the latest first; list may be left out'))
    .option('--state <state>', 'open, raised, acknowledged, closed or all; default: open')
    .option('--project <key>', 'only those of this project')
    .option('--limit <n>', 'alerts of a page, at most 500; default: 100')
    .option('--cursor <cursor>', 'the page that goes on there; every page that is not the last one names it')
    .action(({ state = null, project = null, limit = null, cursor = null, ...options }: Common & AlertFlags) =>
      withClient(options, async (client, output) => {
        const { showAlerts } = await import('../alerts.command.js');
        await showAlerts(client, output, { state, project, limit, cursor });
      }),
    );
  addAnswer(alerts, 'ack', 'acknowledge', 'say that you take care of an alert');
  addAnswer(alerts, 'close', 'close', 'close an alert whose cause is gone, or known');
  addDeliveries(alerts);
  common(alerts.command('test').description('send a message that is no alert to a sink, and say what came back'))
    .argument('<sink>', 'its name in the project file, or log')
    .action(async (sink: string, { json = false }: Common) => {
      const { testSink } = await import('../test-alert.command.js');
      await testSink(terminalOutput(json), sink);
    });
}

interface DeliveryFlags {
  readonly sink?: string | null;
  readonly alert?: string | null;
  readonly project?: string | null;
  readonly outcome?: string | null;
  readonly limit?: string | null;
  readonly cursor?: string | null;
}

function addDeliveries(alerts: Command): void {
  reading(alerts.command('deliveries').description('which sink got which alert, and what came back; the latest first'))
    .option('--sink <name>', 'only to this sink')
    .option('--alert <key>', 'only of this alert')
    .option('--project <key>', 'only of this project')
    .option('--outcome <outcome>', 'delivered, retrying or dead')
    .option('--limit <n>', 'deliveries of a page, at most 500; default: 100')
    .option('--cursor <cursor>', 'the page that goes on there; every page that is not the last one names it')
    .action(({ sink = null, alert = null, project = null, outcome = null, ...rest }: Common & DeliveryFlags) => {
      const { limit = null, cursor = null, ...options } = rest;
      return withClient(options, async (client, output) => {
        const { showDeliveries } = await import('../alerts.command.js');
        await showDeliveries(client, output, { sink, alert, project, outcome, limit, cursor });
      });
    });
  reading(alerts.command('redeliver').description('have dead letters tried anew: of an alert, of a sink, or both'))
    .argument('[alert]', ALERT)
    .option('--sink <name>', 'only to this sink')
    .action((alert: string | undefined, { sink, ...options }: Common & { readonly sink?: string }) =>
      withClient(options, async (client, output) => {
        const { redeliver } = await import('../alerts.command.js');
        await redeliver(client, output, { alert, sink });
      }),
    );
}

function addAnswer(alerts: Command, verb: string, kind: AlertAnswerKind, what: string): void {
  reading(alerts.command(verb).description(what))
    .argument('<alert>', ALERT)
    .option('--note <text>', 'for the record')
    .action((alert: string, { note, ...options }: Common & { readonly note?: string }) =>
      withClient(options, async (client, output) => {
        const { answerAlert } = await import('../alerts.command.js');
        await answerAlert(client, output, kind, { alert, note });
      }),
    );
}
