import type { GitWorkspace, Landing } from '../../src/application/ports/git-workspace';
import { LocalGitWorkspace } from '../../src/infrastructure/git/local-git-workspace';
import { SimGit } from '../simulation/sim-git';
import { SimRepository } from '../simulation/sim-repository';
import { World } from '../simulation/world';
import { SampleRepository } from '../support/sample-repository';
import { describeGitWorkspace, type GitWorld } from './git-workspace.contract';

let template: SampleRepository | null = null;
afterAll(() => {
  template?.dispose();
});

describeGitWorkspace('local repositories', (): GitWorld => {
  template ??= new SampleRepository();
  const sample = new SampleRepository({ like: template.root });
  const { dir, root } = sample;
  const workspace = new LocalGitWorkspace({ stateDir: `${root}/state`, worker: 'host/boot/pid/1/1' });
  const ref = (name: string) => sample.git(['for-each-ref', '--format=%(objectname)', name], dir) || null;
  let serial = 0;
  const change = (touches: number) => ({ [`${touches}.txt`]: `${serial++}\n` });
  return {
    workspace,
    repository: { project: 'web', path: dir, main: 'main' },
    neighbour: new LocalGitWorkspace({ stateDir: `${root}/state`, worker: 'host/boot/pid/2/2' }),
    push: (branch, touches) => sample.push(branch, change(touches), sample.head(branch) ? branch : 'main'),
    pushToMain: (touches) => sample.push('main', change(touches)),
    main: () => sample.head('main') ?? '',
    parentOf: (oid) => sample.git(['log', '-1', '--format=%P', oid], `${root}/state/repos/web.git`) || null,
    landedRecord: (task) => ref(`refs/stagegate/landed/${task.replace('.', '/')}`),
    moveMainOnly: ({ newOid }: Landing) => {
      sample.git(['fetch', '--quiet', `${root}/state/repos/web.git`, newOid], dir);
      sample.git(['update-ref', 'refs/heads/main', newOid], dir);
      return Promise.resolve();
    },
    dispose: () => {
      sample.dispose();
    },
  };
});

describeGitWorkspace('the simulation', (): GitWorld => {
  const world = new World(1, false);
  world.faults.heal();
  const repository = new SimRepository(world.random);
  const onClock = (git: SimGit) => driven(git, world);
  const workspaceOf = (host: string) => onClock(new SimGit(world, world.spawn(host), repository));
  const commit = (parent: string, touches: number) => repository.commit(parent, { isRed: false, touches }).oid;
  return {
    workspace: workspaceOf('a'),
    repository: { project: 'web', path: '/sim.git', main: 'main' },
    neighbour: workspaceOf('b'),
    push: (branch, touches) => {
      const oid = commit(repository.branches.get(branch) ?? repository.main, touches);
      repository.branches.set(branch, oid);
      return oid;
    },
    pushToMain: (touches) => {
      repository.mainLog.push(commit(repository.main, touches));
      return repository.main;
    },
    main: () => repository.main,
    parentOf: (oid) => repository.get(oid).parent,
    landedRecord: (task) => repository.landedRefs.get(task) ?? null,
    moveMainOnly: ({ newOid }) => {
      repository.mainLog.push(newOid);
      return Promise.resolve();
    },
    dispose: () => undefined,
  };
});

/** Lets virtual time pass for as long as somebody waits for an answer. */
function driven(git: SimGit, { scheduler }: World): GitWorkspace {
  return new Proxy(git, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]): Promise<unknown> => {
        const answer = Reflect.apply(method, target, args) as Promise<unknown>;
        const settled = Promise.allSettled([answer]);
        await scheduler.runUntil(scheduler.now + 60_000);
        await settled;
        return answer;
      };
    },
  });
}
