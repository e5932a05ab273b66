import { HeadWatcher } from '../../src/application/conductor/head-watcher';
import type { TaskExecutor } from '../../src/application/execute-task';
import { GitError, type GitWorkspace, type RepositoryRef } from '../../src/application/ports/git-workspace';
import { ProjectWatcher } from '../../src/application/conductor/project-watcher';
import type { Project, Projects } from '../../src/application/projects';
import { buildProject } from '../../src/infrastructure/config/project/build-project';
import { ConfiguredProjects } from '../../src/infrastructure/config/project/configured-projects';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { SystemClock } from '../../src/infrastructure/system/system-clock';
import { QuietLogger } from '../support/quiet-logger';
import { given, START } from '../support/given-when-then';
import { contextAt } from '../support/policies';
import { HEAD, NEW_HEAD, submit } from '../support/task-stories';

const PROJECTS: Projects = new ConfiguredProjects(
  ['broken', 'web'].map((project) => ({
    project: buildProject(new NodeHasher(), { project, repo: `/srv/${project}.git`, staging: { suite: 'true' } }),
  })),
);

it('a repository that cannot be read sets its project aside, and keeps no other from being looked at', async () => {
  let isBroken = true;
  const asked: (readonly string[])[] = [];
  const git = {
    heads: ({ project }: RepositoryRef, branches: readonly string[]) => {
      asked.push([project, ...branches]);
      return project === 'broken' && isBroken
        ? Promise.reject(new GitError('GIT_NOT_A_REPOSITORY', 'gone'))
        : Promise.resolve(new Map(branches.map((branch) => [branch, NEW_HEAD])));
    },
  } as unknown as GitWorkspace;
  const observed: unknown[] = [];
  const executor = {
    execute: (id: string, { data }: { data: unknown }) => Promise.resolve(observed.push([id, data])),
  } as unknown as TaskExecutor;
  const contextOf = () => () => contextAt(START);
  const [logger, clock] = [new QuietLogger(), new SystemClock()];
  const changes: unknown[] = [];
  const standing = new ProjectWatcher({ git, projects: PROJECTS, clock, logger }, ({ policy: { project } }) => {
    changes.push([project, PROJECTS.setAside(project)?.cause ?? null]);
  });
  const lookAt = (project: Project, branches: readonly string[]) => standing.look(project, branches);
  const watcher = new HeadWatcher({ lookAt, projects: PROJECTS, executor, contextOf, logger });
  watcher.watch(given(submit({ taskId: 'broken.T1', project: 'broken' })).task);
  watcher.watch(given(submit({ taskId: 'web.T1' })).task);
  await watcher.poll();
  await watcher.poll();
  const ofWeb = ['web.T1', { headOid: NEW_HEAD, known: HEAD }];
  expect(observed).toEqual([ofWeb, ofWeb]);
  const cause = 'expected a git repository at /srv/broken.git, saw none';
  expect(changes).toEqual([['broken', cause]]);

  isBroken = false;
  await watcher.poll();
  expect(changes).toEqual([
    ['broken', cause],
    ['broken', null],
  ]);
  expect(observed.slice(2)).toEqual([['broken.T1', { headOid: NEW_HEAD, known: HEAD }], ofWeb]);
  expect(asked.at(-1)).toEqual(['web', 'main', 'feature/queue']);
});

it.each([
  ['GIT_FAILED', true],
  ['GIT_NOT_A_REPOSITORY', true],
  ['GIT_LOCKED', false],
  ['GIT_TIMEOUT', false],
])('%s sets a project aside: %s, and only a fault that lasts does', async (code, isAside) => {
  const git = { heads: () => Promise.reject(new GitError(code, 'x')) } as unknown as GitWorkspace;
  const [logger, clock] = [new QuietLogger(), new SystemClock()];
  const projects = new ConfiguredProjects([
    { project: buildProject(new NodeHasher(), { project: 'one', repo: '/srv/one.git', staging: { suite: 'true' } }) },
  ]);
  await new ProjectWatcher({ git, projects, clock, logger }, () => undefined).start();
  expect(projects.setAside('one') !== null).toBe(isAside);
});

it('knows which branches are gone, and which are back', async () => {
  let heads = new Map<string, string | null>([['feature/queue', HEAD]]);
  const lookAt = () => Promise.resolve(heads);
  const executor = {} as unknown as TaskExecutor;
  const contextOf = () => () => contextAt(START);
  const watcher = new HeadWatcher({ lookAt, projects: PROJECTS, executor, contextOf, logger: new QuietLogger() });
  watcher.watch(given(submit()).task);
  const isGone = async () => {
    await watcher.poll();
    return ['web', 'broken'].map((project) => PROJECTS.isBranchGone(project, 'feature/queue'));
  };
  expect(await isGone()).toEqual([false, false]);
  heads = new Map([['feature/queue', null]]);
  expect(await isGone()).toEqual([true, false]);
  heads = new Map([['feature/queue', HEAD]]);
  expect(await isGone()).toEqual([false, false]);
});
