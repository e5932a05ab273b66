import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Core, type CoreSettings } from '../../compose/core';
import { RECONCILE_MS } from '../../compose/defaults';
import { DEMO } from '../../domain/authority/principal';
import { forEveryJob } from '../../domain/task/job-table';
import type { Step } from '../../domain/task/next-step';
import type { SubmittedTask } from '../../domain/task/task.state';
import { loadServiceConfig } from '../../infrastructure/config/service-config';
import { requireGit } from '../../infrastructure/git/command/git-version';
import { Readiness } from '../../infrastructure/http/readiness';
import { PinoLogger } from '../../infrastructure/system/pino-logger';
import { serveHttp } from '../../main';
import type { Output } from '../output';
import { bold } from '../styled';
import { Interrupted, untilInterrupted } from '../signals';
import { requireStagingRunner } from '../staging-switch';
import { stopInTime } from '../stop-in-time';
import { demoProjects } from './demo-projects';
import { narrate } from './narrate';
import { SampleRepository } from './sample-repository';
import { DEVELOPER_SCRIPT, STORIES, tellStories } from './stories';
import { report, summarize } from './summary';

const SLOTS = { ...forEveryJob(() => 1), 'staging-suite': 2 };

type Stores = Pick<CoreSettings, 'eventStore' | 'readModel'>;

interface DemoOptions {
  readonly isOnce: boolean;
  /** Empty ones; two files if nobody says otherwise. */
  readonly stores?: Stores;
}

/** Drives five branches of a repository made for it through the real service. @returns the exit code. */
export async function demo({ isOnce, stores }: DemoOptions, output: Output): Promise<number> {
  const config = loadServiceConfig();
  requireStagingRunner('demo', config, [...new Set(STORIES.map(({ project }) => project))]);
  await requireGit();
  const root = await mkdtemp(join(tmpdir(), 'stagegate-demo-'));
  const developer = join(root, 'developer.sh');
  await writeFile(developer, DEVELOPER_SCRIPT);
  const sample = await SampleRepository.make(root);
  await tellStories(sample, root);
  await sample.finish();
  const stateDir = join(root, 'state');
  const core = await Core.open({
    stateDir,
    ...(stores ?? filesIn(stateDir)),
    projects: demoProjects({ root, repo: sample.dir, developer, switches: config.switches }),
    agentEnvironment: ['PATH', 'HOME'],
    logger: new PinoLogger({ level: 'silent' }),
  });
  try {
    return await play(core, sample, output, isOnce);
  } finally {
    await core.close();
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

function filesIn(stateDir: string): Stores {
  return {
    eventStore: { kind: 'file', path: join(stateDir, 'events.db') },
    readModel: { kind: 'file', path: join(stateDir, 'read-models.db') },
  };
}

async function play(core: Core, sample: SampleRepository, output: Output, isOnce: boolean): Promise<number> {
  const startedAt = performance.now();
  const mainBefore = await sample.head('main');
  const resting = new Map<string, SubmittedTask>();
  let allRest: () => void = () => undefined;
  const rested = new Promise<'rested'>((resolve) => {
    allRest = () => {
      resolve('rested');
    };
  });
  const observe = (task: SubmittedTask, step: Step): void => {
    if (step.kind === 'await' || step.kind === 'finished') resting.set(task.id, task);
    else resting.delete(task.id);
    if (resting.size === STORIES.length) allRest();
  };
  const options = {
    slots: SLOTS,
    reconcileMs: RECONCILE_MS,
    headPollMs: 1_000,
    requirePolicyInForce: true,
    setsAside: true,
  };
  const conductor = await core.conductor({ ...options, conducts: () => true, observe });
  const readiness = new Readiness();
  await core.projector.start();
  const face = await serveHttp(core, readiness, '127.0.0.1', 0);
  const narrator = narrate(core.store, output);
  try {
    await conductor.start();
    readiness.isReady = true;
    await submitAll(core, output);
    const ended = await untilInterrupted(rested);
    if (ended instanceof Interrupted) {
      stopInTime(core, output);
      return ended.code;
    }
    const events = await narrator.finish();
    const mains = { mainBefore, mainAfter: await sample.head('main') };
    const summary = summarize([...resting.values()], events, mains, Math.round(performance.now() - startedAt));
    const code = report(summary, output);
    if (!isOnce) await linger(core, face.url, output);
    return code;
  } finally {
    // Whatever broke: what still runs or listens would keep the process alive for good.
    await narrator.stop();
    await conductor.stop();
    await face.close();
  }
}

async function submitAll(core: Core, output: Output): Promise<void> {
  const operations = core.operations();
  for (const { project, branch, title } of STORIES) {
    if (!output.isJson) output.line(bold(`${project}.${branch}`), `  ${title}`);
    await operations.submit({ project, id: branch, title, branch, startStage: 'deploy-staging' }, DEMO);
  }
  if (!output.isJson) output.line('');
}

async function linger(core: Core, url: string, output: Output): Promise<void> {
  output.note(`the service is still up: ${url}/queue   (Ctrl-C ends it)`);
  await untilInterrupted(new Promise<never>(() => undefined));
  stopInTime(core, output);
}
