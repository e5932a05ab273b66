import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { inspectRepository } from '../../../src/infrastructure/git/inspect';
import { codeOf, GitBed, LOG, TASK } from './git-bed';

const HOOKS = [
  'reference-transaction',
  'post-checkout',
  'pre-rebase',
  'post-rewrite',
  'pre-commit',
  'post-commit',
  'prepare-commit-msg',
  'commit-msg',
  'post-merge',
  'post-applypatch',
  'applypatch-msg',
  'pre-push',
  'pre-receive',
  'update',
  'post-update',
  'post-receive',
  'post-index-change',
  'fsmonitor-watchman',
];

let bed: GitBed;
beforeEach(() => {
  bed = new GitBed();
});
afterEach(() => {
  bed.dispose();
});

/** Everything that a repository can be made to run, planted as somebody would who may write to it. */
function plantIn(dir: string, gitDir: string): void {
  const canary = (name: string) => `${bed.canary(name)}; cat`;
  for (const hook of HOOKS) bed.plant(join(gitDir, 'hooks', hook), `#!/bin/sh\n${bed.canary(`hook-${hook}`)}\n`, 0o755);
  const settings: Record<string, string> = {
    'core.hooksPath': join(gitDir, 'hooks'),
    'core.fsmonitor': canary('fsmonitor'),
    'core.pager': canary('pager'),
    'core.editor': canary('editor'),
    'sequence.editor': canary('sequence-editor'),
    'core.sshCommand': canary('ssh'),
    'core.askPass': canary('askpass'),
    'core.gitProxy': canary('proxy'),
    'core.alternateRefsCommand': canary('alternate-refs'),
    'credential.helper': `!${canary('credential')}`,
    'gpg.program': canary('gpg'),
    'commit.gpgsign': 'true',
    'diff.external': canary('diff'),
    'diff.canary.textconv': canary('textconv'),
    'merge.canary.driver': canary('merge-driver'),
    'filter.canary.smudge': canary('smudge'),
    'filter.canary.clean': canary('clean'),
    'filter.canary.process': canary('process'),
    'filter.canary.required': 'true',
    'uploadpack.packObjectsHook': canary('pack-objects'),
    'remote.origin.uploadpack': canary('upload-pack'),
    'gc.auto': '1',
    'maintenance.auto': 'true',
  };
  for (const [name, value] of Object.entries(settings)) bed.config(dir, name, value);
  bed.plant(join(gitDir, 'info', 'attributes'), '* filter=canary diff=canary merge=canary\n');
}

/** Another program for the address of the service's own clone; whoever guesses the state directory can name it. */
function plantUploadPackFor(dir: string, ...addresses: readonly string[]): void {
  for (const address of addresses)
    for (const url of [address, `file://${address}`])
      bed.config(dir, `remote.${url}.uploadpack`, `${bed.canary('own-upload-pack')}; git-upload-pack`);
}

/** Everything the service does for one branch, with nothing left out. */
async function wholeWay(repository = bed.repository()): Promise<string> {
  await inspectRepository(repository, 'feature');
  await bed.workspace.heads(repository, ['feature', 'main']);
  const { headOid, baseOid } = await bed.workspace.fetch(repository, TASK, 'feature');
  const whole = { oid: headOid, baseOid, depth: 'full', name: 'suite' } as const;
  const suite = await bed.workspace.disposableClone(repository, whole);
  const agent = await bed.workspace.agentClone(repository, {
    branch: 'feature',
    baseOid: bed.head('main') ?? '',
    name: 'agent',
  });
  plantIn(suite.dir, join(suite.dir, '.git'));
  plantIn(agent.dir, join(agent.dir, '.git'));
  await suite.dispose();
  await agent.dispose();
  const landing = await bed.candidate('feature', { repository });
  await bed.workspace.changedLines(repository, { from: baseOid, to: landing.newOid });
  await bed.workspace.filePaths(repository, landing.newOid);
  await bed.workspace.publishArtifacts(repository, TASK, new Map([['15-staging-log.md', 'text']]));
  await bed.workspace.takeEpoch(repository, { task: TASK, epoch: '1', log: LOG });
  const outcome = await bed.workspace.land(repository, landing);
  await bed.workspace.recoverLanding(repository, landing);
  return outcome.kind;
}

function branches(): void {
  bed.commit(
    'feature',
    { 'feature.txt': 'feature\n', '.gitattributes': '* filter=canary diff=canary merge=canary\n' },
    'main',
  );
  bed.commit('main', { 'later.txt': 'later\n' });
}

test('nothing that a bare repository configures is run on the whole way of a branch', async () => {
  branches();
  const alternate = join(bed.root, 'alternate.git');
  bed.git(['clone', '--quiet', '--bare', bed.dir, alternate], bed.root);
  bed.plant(join(bed.dir, 'objects', 'info', 'alternates'), `${alternate}/objects\n`);
  plantIn(bed.dir, bed.dir);
  plantUploadPackFor(bed.dir, bed.own(), bed.dir);
  expect(await wholeWay()).toBe('landed');
  expect(bed.sung()).toEqual([]);
});

test('nothing that a work tree configures is run, also for the question whether it has changes', async () => {
  branches();
  bed.git(['switch', '--quiet', 'feature']);
  plantIn(bed.work, join(bed.work, '.git'));
  plantUploadPackFor(bed.work, bed.own());
  // Touched: git has to look at what is in it, through whatever filters are configured.
  utimesSync(join(bed.work, 'feature.txt'), 1, 1);
  expect(await wholeWay(bed.repository('web', bed.work))).toBe('landed');
  expect(bed.sung()).toEqual([]);
});

test('a missing object is not fetched by what a partial clone names for it', async () => {
  branches();
  const { headOid } = await bed.workspace.fetch(bed.repository(), TASK, 'feature');
  bed.config(bed.dir, 'core.repositoryFormatVersion', '1');
  bed.config(bed.dir, 'extensions.partialClone', 'promisor');
  bed.config(bed.dir, 'remote.promisor.url', bed.work);
  bed.config(bed.dir, 'remote.promisor.promisor', 'true');
  bed.config(bed.dir, 'remote.promisor.uploadpack', `${bed.canary('lazy')}; git-upload-pack`);
  const lease = await bed.workspace.takeEpoch(bed.repository(), { task: TASK, epoch: '1', log: LOG });
  const newOid = '1'.repeat(40);
  const landing = { task: TASK, branch: 'feature', headOid, baseOid: headOid, newOid, lease, claimRevision: '1' };
  expect(await bed.workspace.recoverLanding(bed.repository(), landing)).toEqual({ kind: 'not-landed' });
  // The answering side too: its pack lacks an object that it would have to fetch.
  const blob = bed.git(['rev-parse', 'feature:feature.txt'], bed.dir);
  rmSync(join(bed.dir, 'objects', blob.slice(0, 2), blob.slice(2)));
  expect(await codeOf(bed.workspace.fetch(bed.repository('other'), 'other.T', 'feature'))).toBe('GIT_FAILED');
  expect(bed.sung()).toEqual([]);
});

test('an address of a program in .gitmodules is not followed: the branch is refused before its clone is made', async () => {
  const url = `ext::sh -c ${bed.canary('ext').replace(/ /g, '% ')}`;
  const text = `[submodule "m"]\n\tpath = m\n\turl = ${url}\n`;
  bed.git(['switch', '--quiet', '-c', 'modules', 'main']);
  bed.plant(join(bed.work, '.gitmodules'), text);
  bed.git(['update-index', '--add', '--cacheinfo', `160000,${bed.head('main') ?? ''},m`]);
  bed.git(['add', '.gitmodules']);
  bed.git(['commit', '--quiet', '-m', 'module']);
  bed.git(['push', '--quiet', bed.dir, 'modules']);
  const { headOid, baseOid } = await bed.workspace.fetch(bed.repository(), TASK, 'modules');
  const clone = bed.workspace.disposableClone(bed.repository(), { oid: headOid, baseOid, depth: 'full', name: 'run' });
  expect(await codeOf(clone)).toBe('GIT_UNSUPPORTED');
  await bed.workspace.agentClone(bed.repository(), {
    branch: 'modules',
    baseOid: bed.head('main') ?? '',
    name: 'agent',
  });
  expect(bed.sung()).toEqual([]);
});

test('a branch that brings a configuration as files brings none to git', async () => {
  bed.commit(
    'feature',
    {
      config: `[core]\n\tfsmonitor = "${bed.canary('file-config')}"\n`,
      'hooks/post-checkout': `#!/bin/sh\n${bed.canary('file-hook')}\n`,
      HEAD: 'ref: refs/heads/main\n',
      'refs/x': '',
      'objects/x': '',
      '.gitattributes': '*.txt filter=canary\n',
    },
    'main',
  );
  bed.commit('main', { 'later.txt': 'later\n' });
  expect(await wholeWay()).toBe('landed');
  expect(bed.sung()).toEqual([]);
});

test('the canaries do sing where git is called plainly', () => {
  branches();
  bed.git(['switch', '--quiet', 'main']);
  plantIn(bed.work, join(bed.work, '.git'));
  bed.git(['config', '--unset', 'filter.canary.process']);
  bed.git(['checkout', '--quiet', 'feature']);
  bed.git(['update-ref', 'refs/heads/another', 'main']);
  expect(bed.sung()).toEqual(
    expect.arrayContaining([
      'canary-hook-post-checkout',
      'canary-hook-reference-transaction',
      'canary-fsmonitor',
      'canary-smudge',
    ]),
  );
});
