import { HeadWatcher } from '../../src/application/conductor/head-watcher';
import type { TaskExecutor } from '../../src/application/execute-task';
import { GitError, type GitWorkspace, type RepositoryRef } from '../../src/application/ports/git-workspace';
import type { Project, Projects } from '../../src/application/projects';
import type { SubmittedTask } from '../../src/domain/task/task.state';
import { buildProject } from '../../src/infrastructure/config/build-project';
import { ConfiguredProjects } from '../../src/infrastructure/config/configured-projects';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { QuietLog } from '../projections/support/harness';
import { given, START } from '../support/given-when-then';
import { contextAt } from '../support/policies';
import { NEW_HEAD, submit } from '../support/task-stories';

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
  expect(observed).toEqual([['web.T1', { headOid: NEW_HEAD }]]);
});

const OLD = 'a'.repeat(40);
const NEW = 'b'.repeat(40);
const task = (more: Partial<SubmittedTask> = {}) =>
  ({
    kind: 'submitted',
    id: 'web.T1',
    stage: 'review',
    branch: 'change',
    headOid: OLD,
    headAfterLanding: null,
    requests: [],
    ...more,
  }) as unknown as SubmittedTask;

/** A watcher of one project, what it told, and where the branch is. */
function watcherAt(head: string | null) {
  const told: string[] = [];
  const project = { policy: { project: 'web' }, repository: {} } as Project;
  const deps = {
    git: { heads: async (_: unknown, branches: readonly string[]) => new Map(branches.map((name) => [name, head])) },
    projects: { all: () => [project] },
    executor: {
      execute: async (id: string, { data }: { data: { headOid: string } }) => told.push(`${id} ${data.headOid}`),
    },
    contextOf: () => () => ({}),
  };
  return { watcher: new HeadWatcher(deps as never), told };
}

test('a new head is told to the task', async () => {
  const { watcher, told } = watcherAt(NEW);
  watcher.watch(task());
  await watcher.poll();
  expect(told).toEqual([`web.T1 ${NEW}`]);
});

test('a head that the task knows is not told again', async () => {
  const { watcher, told } = watcherAt(NEW);
  watcher.watch(task({ headOid: NEW }));
  await watcher.poll();
  watcher.watch(task({ headAfterLanding: NEW }));
  await watcher.poll();
  expect(told).toEqual([]);
});

test('a branch that comes back while the task lands is told, as the last request counts', async () => {
  const { watcher, told } = watcherAt(OLD);
  const requests = [{ request: 'head-moved', by: 'git', reason: '', headOid: NEW }] as SubmittedTask['requests'];
  watcher.watch(task({ requests }));
  await watcher.poll();
  expect(told).toEqual([`web.T1 ${OLD}`]);
});

test('a task that is over is not watched any more', async () => {
  const { watcher, told } = watcherAt(NEW);
  watcher.watch(task());
  watcher.watch(task({ stage: 'done' }));
  await watcher.poll();
  expect(told).toEqual([]);
});

test('a branch that is gone is no new head', async () => {
  const { watcher, told } = watcherAt(null);
  watcher.watch(task());
  await watcher.poll();
  expect(told).toEqual([]);
});
