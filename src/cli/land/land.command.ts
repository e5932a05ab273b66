import { join } from 'node:path';
import { Core } from '../../compose/core';
import { LAND_SETTINGS } from '../../compose/defaults';
import { filesNoteText } from '../../application/files-note';
import type { ConductorOptions } from '../../application/conductor/conductor';
import { StoreCorrupt } from '../../application/ports/event-store';
import { together } from '../../application/together';
import { LAND } from '../../domain/authority/principal';
import type { Step } from '../../domain/task/next/step';
import type { SubmittedTask } from '../../domain/task/task.state';
import type { TaskId } from '../../domain/ids';
import { ConfiguredProjects } from '../../infrastructure/config/project/configured-projects';
import { checkChosenBound } from '../../infrastructure/config/project/reaper-bound';
import { loadServiceConfig } from '../../infrastructure/config/service-config';
import { requireGit } from '../../infrastructure/git/command/git-version';
import { lastLine } from '../../infrastructure/processes/output/last-line';
import { PinoLogger } from '../../infrastructure/system/pino-logger';
import { SystemClock } from '../../infrastructure/system/system-clock';
import { announceConductor } from '../conductors';
import type { Output } from '../output';
import { pipeWarnings, type ShellText } from '../pipe-warnings';
import { Interrupted, untilInterrupted } from '../signals';
import { requireSwitchedOn } from '../staging-switch';
import { stopInTime } from '../stop-in-time';
import { UserError } from '../user-error';
import { followTask } from './follow-task';
import { NEW_LOG_WITH } from '../land-place';
import { LAND_EXIT, STALE } from './land-outcome';
import { landTarget, type LandOptions, type LandTarget } from './land-project';
import { report, resultOf } from './land-report';
import { findOrSubmit } from './land-task';
import { requireUpstream } from './land-upstream';
import { Progress } from './progress';

/** Takes one branch through deploy-staging, the merge gate and landing, in this process. @returns the exit code. */
export async function land(branch: string, options: LandOptions, output: Output): Promise<number> {
  const config = loadServiceConfig();
  const [, target] = await together(requireGit(), landTarget(branch, options, config.defaults));
  checkChosenBound(config, [target.project]);
  const clone = { gitDir: target.project.policy.repo, main: options.main };
  await requireUpstream(clone, options.fetch ?? false, new Date(new SystemClock().now()));
  for (const warning of target.warnings) output.warn(warning);
  for (const note of target.notes) output.note(note);
  const core = await Core.open({
    ...LAND_SETTINGS,
    stateDir: target.stateDir,
    eventStore: { kind: 'file', path: join(target.stateDir, 'events.db') },
    readModel: { kind: 'file', path: join(target.stateDir, 'read-models.db') },
    setupCache: config.setupCacheEnabled,
    projects: new ConfiguredProjects([{ project: target.project }], config.switches),
    logger: new PinoLogger({ level: 'silent' }),
    newLogWith: NEW_LOG_WITH,
    isNewLog: options.newLog ?? false,
  });
  try {
    // Not before its log is open: what people have set there comes before the environment.
    await core.readSwitches();
    requireSwitchedOn('land', config, core.settings.projects, target.project.policy.project);
    for (const warning of await pipeWarnings(textsOf(options), core.runner)) output.warn(warning);
    const code = await conduct(core, target, output);
    await core.upkeep.settled();
    return code;
  } finally {
    await core.close();
  }
}

async function conduct(core: Core, { project, branch, headOid }: LandTarget, output: Output): Promise<number> {
  let own: TaskId | null = null;
  let rest: (at: { task: SubmittedTask; step: Step }) => void = () => undefined;
  const resting = new Promise<{ task: SubmittedTask; step: Step }>((resolve) => (rest = resolve));
  const options: ConductorOptions = {
    ...LAND_SETTINGS.conductor,
    conducts: (task) => task === own,
    // From one job it goes straight on to the next: a branch that has moved must not get that far.
    mayGoOn: (task) => task.headOid === headOid,
    observe: (task, step) => {
      if (task.id !== own) return;
      if (step.kind !== 'finished' && task.headOid !== headOid) void giveUpStale(task);
      else if (step.kind === 'await' || step.kind === 'finished') rest({ task, step });
    },
  };
  const conductor = await core.conductor(options, (note) => {
    output.warn(filesNoteText(note));
  });
  const contextOf = conductor.contextOf(project, LAND);
  const giveUpStale = async ({ id, headOid: seen }: SubmittedTask): Promise<void> => {
    const reason = `${STALE}${branch} moved to ${seen ?? 'nothing'} meanwhile; land it again`;
    const command = { type: 'CancelTask', data: { reason } } as const;
    await core.executor.execute(id, command, contextOf, { commandId: `stale:${id}:${seen ?? ''}` });
    conductor.look(id);
  };
  const found = await findOrSubmit(core, { project: project.policy.project, branch, headOid, contextOf });
  own = found.id;
  if (found.isResumed) output.note(`resuming ${own}`);
  const progress = new Progress({ clock: core.clock, output, lastLine: (run) => lastLineOf(core, run) });
  const followed = followTask(core.store, own, { output, progress });
  const takeBack = announceConductor(core.settings.stateDir, own, core.host.self);
  let rested: Awaited<typeof resting> | Interrupted;
  try {
    await conductor.start();
    conductor.look(own);
    rested = await untilInterrupted(resting);
    if (rested instanceof Interrupted) stopInTime(core, output);
  } finally {
    progress.stop();
    await conductor.stop();
    takeBack();
  }
  const events = await followed.finish();
  if (rested instanceof Interrupted) {
    output.note(`interrupted: the run was stopped and the claim given back; the same command resumes ${own}`);
    return rested.code;
  }
  const { state: task } = await core.tasks.load(own);
  if (task.kind === 'unknown') throw new UserError(`${own} vanished from the log`);
  if (rested.step.why.code === 'store-corrupt') throw new StoreCorrupt('STORE_CORRUPT', rested.step.why.text);
  const result = await resultOf(core, project.policy.repo, { task, step: rested.step, events });
  report(result, project.policy.repo, output);
  return LAND_EXIT[result.outcome];
}

/** Of the suite; before it has begun, of its set-up. */
async function lastLineOf(core: Core, run: string): Promise<string | null> {
  return (await lastLine(core.logFile(run))) ?? lastLine(core.logFile(`${run}-setup`));
}

function textsOf({ suite, setup }: LandOptions): readonly ShellText[] {
  return [{ key: '--suite', text: suite }, ...(setup === undefined ? [] : [{ key: '--setup', text: setup }])];
}
