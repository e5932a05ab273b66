import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { taskIn } from '../../../domain/ids';
import { SHADOW_STAGES } from '../../../domain/policy/project-policy';
import { AGENT_ROLES } from '../../../domain/task/pipeline';
import { buildProject } from '../../../infrastructure/config/project/build-project';
import { ConfiguredProjects, type ConfiguredProject } from '../../../infrastructure/config/project/configured-projects';
import type { ServiceConfig } from '../../../infrastructure/config/service-config';
import { NodeHasher } from '../../../infrastructure/system/node-hasher';
import type { Output } from '../../output';
import { Interrupted, isInterrupted } from '../../signals';
import { bold } from '../../styled';
import type { DemoService } from '../demo-service';
import { SampleRepository } from '../sample-repository';
import { areLastCompared, goesAsAnnounced, reportFull, type RunSummary } from './full-report';
import { stepsOf, type FullStep } from './full-steps';
import {
  AGENT_SCRIPT,
  BRANCH,
  DESCRIPTION,
  hasRepair,
  OPENING,
  RUNS,
  SUITE,
  tellFullStory,
  type FullRun,
} from './full-stories';

const TITLE = 'Sell plums';
/** Nothing here takes more than a second on a machine of its own. */
const TIMEOUT_MS = 120_000;
const LOOK_AGAIN_MS = 100;

interface Act {
  readonly run: FullRun;
  readonly sample: SampleRepository;
}

/** One task from `created` to `done` by one scripted agent, under each way to come to a verdict. */
export async function fullDemo(root: string, { switches }: ServiceConfig, output: Output) {
  const agent = join(root, 'agent.sh');
  await writeFile(agent, AGENT_SCRIPT);
  await chmod(agent, 0o755);
  const acts: Act[] = [];
  for (const run of RUNS) acts.push({ run, sample: await sampleIn(join(root, run.project)) });
  const projects = new ConfiguredProjects(
    acts.map((act) => configure(act, agent)),
    switches,
  );
  return { projects, perform: (service: DemoService) => performAll(service, acts, output) };
}

async function sampleIn(folder: string): Promise<SampleRepository> {
  await mkdir(folder);
  const sample = await SampleRepository.make(folder);
  await tellFullStory(sample);
  await sample.finish();
  return sample;
}

function configure({ run, sample }: Act, agent: string): ConfiguredProject {
  const { project, stagingRunner, testRunner, isShadowed } = run;
  const suite = { suite: SUITE, timeoutMs: TIMEOUT_MS, minIsolation: 'none' } as const;
  const command = { command: [agent], timeoutMs: TIMEOUT_MS };
  const agents = Object.fromEntries(AGENT_ROLES.map((role) => [role, command]));
  return {
    project: buildProject(new NodeHasher(), {
      project,
      repo: sample.dir,
      staging: suite,
      testing: suite,
      agents,
      shadow: isShadowed ? SHADOW_STAGES : undefined,
    }),
    // As of a project file, which comes before the environment: what is announced does not depend on that.
    switches: { stagingRunner, testRunner },
  };
}

async function performAll(service: DemoService, acts: readonly Act[], output: Output): Promise<number> {
  const startedAt = performance.now();
  const runs: RunSummary[] = [];
  if (!output.isJson) output.line(OPENING);
  for (const act of acts) {
    const run = await perform(service, act, output);
    if (run instanceof Interrupted) return run.code;
    runs.push(run);
  }
  return reportFull({ runs, durationMs: Math.round(performance.now() - startedAt) }, output);
}

async function perform(
  { drive, events }: DemoService,
  { run, sample }: Act,
  output: Output,
): Promise<RunSummary | Interrupted> {
  const { project, title } = run;
  if (!output.isJson) {
    output.line('');
    output.line(bold(project), `  ${title}`);
  }
  const asked = { project, id: BRANCH, branch: BRANCH, title: TITLE, description: DESCRIPTION };
  const tasks = await drive([{ ...asked, startStage: 'created' }]);
  if (tasks instanceof Interrupted) return tasks;
  const task = `${project}.${BRANCH}`;
  const stepsNow = async () => stepsOf((await events()).filter(({ stream }) => taskIn(stream) === task));
  const steps = run.isShadowed ? await untilCompared(stepsNow) : await stepsNow();
  const [{ stage } = { stage: 'created' }] = tasks;
  const isRepaired = stage === 'done' && (await hasRepair(sample));
  return { project, title, task, stage, isAsAnnounced: isRepaired && goesAsAnnounced(run, steps), steps };
}

/** A task waits for no shadow: those of the last round may still run when it is done. */
async function untilCompared(stepsNow: () => Promise<readonly FullStep[]>): Promise<readonly FullStep[]> {
  const until = performance.now() + TIMEOUT_MS;
  for (;;) {
    const steps = await stepsNow();
    if (areLastCompared(steps) || performance.now() > until || isInterrupted()) return steps;
    await delay(LOOK_AGAIN_MS);
  }
}
