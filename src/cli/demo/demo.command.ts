import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadServiceConfig, type ServiceConfig } from '../../infrastructure/config/service-config';
import { requireGit } from '../../infrastructure/git/command/git-version';
import { ProcWorkerHost } from '../../infrastructure/processes/proc/proc-worker-host';
import type { Output } from '../output';
import { clearLeftPlaces, makeOwnPlace } from '../own-place';
import { Interrupted } from '../signals';
import { requireStagingRunner } from '../staging-switch';
import { bold } from '../styled';
import { demoProjects } from './demo-projects';
import { serveDemo, stateDirOf, type DemoService, type Stores } from './demo-service';
import { fullDemo } from './full/full-demo';
import { gatesDemo } from './gates/gates-demo';
import { SampleRepository } from './sample-repository';
import { DEVELOPER_SCRIPT, STORIES, tellStories } from './stories';
import { report, summarize } from './summary';

interface DemoOptions {
  readonly isOnce: boolean;
  /** What it shows instead of what can happen to a branch at staging: the whole way of a task, or every gate. */
  readonly show?: 'full' | 'gates' | undefined;
  /** Empty ones; two files if nobody says otherwise. */
  readonly stores?: Stores;
}

const SHOWS = { full: fullDemo, gates: gatesDemo } as const;

/** Drives branches of repositories made for it through the real service. @returns the exit code. */
export async function demo({ isOnce, show, stores }: DemoOptions, output: Output): Promise<number> {
  const config = loadServiceConfig();
  if (!show) requireStagingRunner('demo', config, [...new Set(STORIES.map(({ project }) => project))]);
  await requireGit();
  const host = new ProcWorkerHost();
  await clearLeftPlaces('demo', host, stateDirOf);
  const root = makeOwnPlace('demo', host);
  try {
    const { projects, perform } = await (show ? SHOWS[show] : fiveBranches)(root, config, output);
    return await serveDemo({ root, projects, stores, isOnce }, output, perform);
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** What can happen to a branch between staging and main. */
async function fiveBranches(root: string, { switches }: ServiceConfig, output: Output) {
  const developer = join(root, 'developer.sh');
  await writeFile(developer, DEVELOPER_SCRIPT);
  const sample = await SampleRepository.make(root);
  await tellStories(sample, root);
  await sample.finish();
  const perform = async ({ drive, events }: DemoService): Promise<number> => {
    const startedAt = performance.now();
    const mainBefore = await sample.head('main');
    for (const { project, branch, title } of STORIES)
      if (!output.isJson) output.line(bold(`${project}.${branch}`), `  ${title}`);
    if (!output.isJson) output.line('');
    const tasks = await drive(
      STORIES.map(({ project, branch, title }) => {
        return { project, id: branch, branch, title, startStage: 'deploy-staging' } as const;
      }),
    );
    if (tasks instanceof Interrupted) return tasks.code;
    const mains = { mainBefore, mainAfter: await sample.head('main') };
    const seen = await events();
    return report(summarize(tasks, seen, mains, Math.round(performance.now() - startedAt)), output);
  };
  return { projects: demoProjects({ root, repo: sample.dir, developer, switches }), perform };
}
