import { HeadWatcher } from '../../src/application/conductor/head-watcher';
import type { TaskExecutor } from '../../src/application/execute-task';
import { GitError, type GitWorkspace, type RepositoryRef } from '../../src/application/ports/git-workspace';
import type { Projects } from '../../src/application/projects';
import { buildProject } from '../../src/infrastructure/config/build-project';
import { ConfiguredProjects } from '../../src/infrastructure/config/configured-projects';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { QuietLog } from '../support/quiet-log';
import { given, START } from '../support/given-when-then';
import { contextAt } from '../support/policies';
import { HEAD, NEW_HEAD, submit } from '../support/task-stories';

const PROJECTS: Projects = new ConfiguredProjects(
  ['broken', 'web'].map((project) => ({
    project: buildProject(new NodeHasher(), { project, repo: `/srv/${project}.git`, staging: { suite: 'true' } }),
  })),
);

it('a repository that cannot be read keeps no other project from being looked at', async () => {
  const git = {
    heads: ({ project }: RepositoryRef) =>
      project === 'broken'
        ? Promise.reject(new GitError('GIT_NOT_A_REPOSITORY', 'gone'))
        : Promise.resolve(new Map([['feature/queue', NEW_HEAD]])),
  } as unknown as GitWorkspace;
  const observed: unknown[] = [];
  const executor = {
    execute: (id: string, { data }: { data: unknown }) => Promise.resolve(observed.push([id, data])),
  } as unknown as TaskExecutor;
  const contextOf = () => () => contextAt(START);
  const watcher = new HeadWatcher({ git, projects: PROJECTS, executor, contextOf, out: new QuietLog() });
  watcher.watch(given(submit({ taskId: 'broken.T1', project: 'broken' })).task);
  watcher.watch(given(submit({ taskId: 'web.T1' })).task);
  await watcher.poll();
  expect(observed).toEqual([['web.T1', { headOid: NEW_HEAD, known: HEAD }]]);
});
