import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RepositoryRef } from '../../../src/application/ports/git-workspace';
import { configOf } from '../../../src/infrastructure/git/own-clone/clone-files';
import { inspectRepository } from '../../../src/infrastructure/git/inspect';
import { LocalGitWorkspace } from '../../../src/infrastructure/git/local-git-workspace';
import { QuietLogger } from '../../support/quiet-logger';
import { GitBed, LOG, TASK } from './git-bed';
import {
  ATTRIBUTES,
  COMMAND_KEYS,
  configText,
  documentedKeys,
  filledIn,
  TRIGGERS,
  unknownCommandKeys,
} from './planted-config';

const HOOKS = ['reference-transaction', 'post-checkout', 'pre-rebase', 'post-rewrite', 'pre-commit', 'post-commit'];
HOOKS.push('post-merge', 'pre-receive', 'update', 'post-update', 'post-receive', 'post-index-change', 'pre-auto-gc');

const inherited = { ...process.env };
let bed: GitBed;
let logger: QuietLogger;
let workspace: LocalGitWorkspace;
beforeEach(() => {
  bed = new GitBed();
  logger = new QuietLogger();
  workspace = new LocalGitWorkspace({ stateDir: bed.state, worker: 'host/boot/pid/1/1', logger });
  bed.commit('feature', { 'feature.txt': 'feature\n', '.gitattributes': ATTRIBUTES }, 'main');
  bed.commit('main', { 'later.txt': 'later\n' });
});
afterEach(() => {
  process.env = { ...inherited };
  bed.dispose();
});

const sing = (scope: string) => (key: string) =>
  `${bed.canary(`${scope}-${key.replace(/[^A-Za-z0-9.-]/g, '_')}`)}; cat`;

/** Every key that this git knows, and every one that ever named a command. */
const everyKey = () => [
  ...new Set([...documentedKeys().map(filledIn).filter(Boolean), ...COMMAND_KEYS, ...Object.keys(TRIGGERS)]),
];

/** Writes into a git directory what git would read of it, were it asked to. */
function plant(dir: string, keys: readonly string[], config = configText(keys, sing('local'))): void {
  mkdirSync(join(dir, 'info'), { recursive: true });
  const worktree = `[extensions]\n\tworktreeConfig = true\n[include]\n\tpath = included\n`;
  writeFileSync(join(dir, 'config'), config + worktree);
  writeFileSync(join(dir, 'included'), configText(keys, sing('included')));
  writeFileSync(join(dir, 'config.worktree'), configText(keys, sing('worktree')));
  writeFileSync(join(dir, 'info', 'attributes'), ATTRIBUTES);
  // Git asks the repository of an alternate for its refs, by a command that has a key of its own.
  bed.plant(join(dir, 'objects', 'info', 'alternates'), `${join(alternate(keys), 'objects')}\n`);
  for (const hook of HOOKS) bed.plant(join(dir, 'hooks', hook), `#!/bin/sh\n${bed.canary(`hook-${hook}`)}\n`, 0o755);
}

/** A repository that others borrow objects from, and that would fetch what it lacks by a command of its own. */
function alternate(keys: readonly string[]): string {
  const dir = join(bed.root, 'alternate.git');
  if (existsSync(dir)) return dir;
  bed.git(['init', '--quiet', '--bare', dir], bed.root);
  bed.plant(join(dir, 'refs/heads/missing'), `${'1'.repeat(40)}\n`);
  const partial = '[extensions]\n\tpartialClone = origin\n[remote "origin"]\n\tpromisor = true\n\turl = .\n';
  writeFileSync(join(dir, 'config'), configText(keys, sing('alternate')) + partial);
  return dir;
}

/** The same in the places of the machine and the user, and in every variable that names a command. */
function plantAround(keys: readonly string[] = everyKey()): void {
  const home = join(bed.root, 'home');
  const places = { system: 'system', home: '.gitconfig', xdg: '.config/git/config' };
  for (const [scope, path] of Object.entries(places)) bed.plant(join(home, path), configText(keys, sing(scope)));
  bed.plant(join(home, '.config/git/attributes'), ATTRIBUTES);
  const variables = ['GIT_EXTERNAL_DIFF', 'GIT_SSH', 'GIT_SSH_COMMAND', 'GIT_ASKPASS', 'SSH_ASKPASS', 'GIT_EDITOR'];
  variables.push('GIT_SEQUENCE_EDITOR', 'GIT_PAGER', 'PAGER', 'EDITOR', 'VISUAL', 'GIT_PROXY_COMMAND');
  for (const name of variables) process.env[name] = sing('env')(name);
  Object.assign(process.env, {
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    GIT_CONFIG_SYSTEM: join(home, 'system'),
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'filter.canary.smudge',
    GIT_CONFIG_VALUE_0: sing('env')('smudge'),
    GIT_TEMPLATE_DIR: home,
  });
}

/** Everything the service does for one branch, with nothing left out. @param between is done before each step. */
async function wholeWay(repository: RepositoryRef, between: () => void = () => undefined): Promise<string> {
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    between();
    return work();
  };
  await step(() => inspectRepository(repository, 'feature'));
  await step(() => workspace.heads(repository, ['feature', 'main']));
  const { headOid, baseOid } = await step(() => workspace.fetch(repository, TASK, 'feature'));
  const suite = await step(() =>
    workspace.disposableClone(repository, { oid: headOid, baseOid, depth: 'full', name: 'suite' }),
  );
  const agent = await step(() =>
    workspace.agentClone(repository, { branch: 'feature', baseOid: bed.head('main') ?? '', name: 'agent' }),
  );
  for (const { dir } of [suite, agent]) plant(join(dir, '.git'), COMMAND_KEYS);
  await suite.dispose();
  await agent.dispose();
  await step(() => workspace.keepCandidate(repository, TASK, headOid));
  const rebased = await step(() => workspace.rebase(repository, { task: TASK, branch: 'feature', headOid, baseOid }));
  if (rebased.kind !== 'rebased') throw new Error(`expected a candidate, saw ${rebased.kind}`);
  const { newOid } = rebased;
  const retest = await step(() =>
    workspace.disposableClone(repository, { oid: newOid, baseOid, depth: 'full', name: 'retest' }),
  );
  await retest.dispose();
  const grant = { task: TASK, epoch: '1', log: LOG };
  const lease = await step(() => workspace.takeEpoch(repository, grant));
  const landing = { task: TASK, branch: 'feature', headOid, baseOid, newOid, lease, claimRevision: '7' };
  const outcome = await step(() => workspace.land(repository, landing));
  await step(() => workspace.recoverLanding(repository, landing));
  await step(() => workspace.publishArtifacts(repository, TASK, new Map([['15-staging-log.md', 'text']])));
  return outcome.kind;
}

test('every key of the documentation that looks like a command is among those that are planted', () => {
  expect(unknownCommandKeys()).toEqual([]);
  expect(everyKey().length).toBeGreaterThan(800);
});

test('what the machine and the user configure is not read: all keys, in every place', async () => {
  plantAround();
  expect(await wholeWay(bed.repository())).toBe('landed');
  expect(bed.sung()).toEqual([]);
});

test('of what the user configures, files of a main that is checked out are written with filters, and nothing else runs', async () => {
  const tree = join(bed.root, 'tree');
  bed.git(['worktree', 'add', '--quiet', tree, 'main'], bed.dir);
  plantAround(COMMAND_KEYS);
  for (const hook of HOOKS)
    bed.plant(join(bed.dir, 'hooks', hook), `#!/bin/sh\n${bed.canary(`hook-${hook}`)}\n`, 0o755);
  expect(await wholeWay(bed.repository())).toBe('landed');
  expect(readFileSync(join(tree, 'feature.txt'), 'utf8')).toBe('feature\n');
  expect(bed.sung().filter((name) => !/filter/.test(name))).toEqual([]);
  expect(bed.sung()).not.toEqual([]);
});

test('what stands in the own clone is never read, though it stands there whenever git runs', async () => {
  const evil = join(bed.root, 'evil');
  plant(evil, everyKey());
  const good = bed.plant(join(bed.root, 'good'), configOf('sha1'));
  const planted = ['included', 'config.worktree', 'info', 'hooks', 'objects/info']
    .map((name) => `"$own/${name}"`)
    .join(' ');
  // Put there after the service has looked, and taken away before it looks again.
  bed.fakeGit(`own='${bed.own()}'
[ -d "$own" ] || exec "$REAL_GIT" "$@"
cp -r '${evil}/.' "$own/"; echo x >> '${bed.root}/times'
"$REAL_GIT" "$@"; rc=$?
cp '${good}' "$own/config"; rm -rf ${planted}
exit $rc`);
  expect(await wholeWay(bed.repository())).toBe('landed');
  expect(bed.sung()).toEqual([]);
  expect(readFileSync(join(bed.root, 'times'), 'utf8').length).toBeGreaterThan(20);
});

test('an own clone that is not as it was made is made anew, and told', async () => {
  await workspace.fetch(bed.repository(), TASK, 'feature');
  const oddities: readonly (() => void)[] = [
    () => {
      plant(bed.own(), COMMAND_KEYS);
    },
    () => {
      bed.config(bed.own(), 'filter.canary.smudge', 'x');
    },
    () => bed.plant(join(bed.own(), 'hooks/post-checkout'), 'x', 0o755),
    () => bed.plant(join(bed.own(), 'info/attributes'), ATTRIBUTES),
    () => bed.plant(join(bed.own(), 'objects/info/alternates'), `${bed.dir}/objects\n`),
    () => bed.plant(join(bed.own(), 'commondir'), '../../..'),
    () => bed.git(['config', 'uploadpack.allowAnySHA1InWant', 'false'], bed.own()),
  ];
  for (const [index, plantOddity] of oddities.entries()) {
    plantOddity();
    expect(await workspace.fetch(bed.repository(), TASK, 'feature')).toMatchObject({ headOid: bed.head('feature') });
    expect(readFileSync(join(bed.own(), 'config'), 'utf8')).toBe(configOf('sha1'));
    expect(logger.warnings).toHaveLength(index + 1);
  }
  expect(bed.sung()).toEqual([]);
  expect(await wholeWay(bed.repository())).toBe('landed');
});

test('what jobs under way need is in the clone that is made anew', async () => {
  const fetched = await workspace.fetch(bed.repository(), TASK, 'feature');
  plant(bed.own(), COMMAND_KEYS);
  const rebased = await workspace.rebase(bed.repository(), { task: TASK, branch: 'feature', ...fetched });
  if (rebased.kind !== 'rebased') throw new Error(`expected a candidate, saw ${rebased.kind}`);
  plant(bed.own(), COMMAND_KEYS);
  const lease = await workspace.takeEpoch(bed.repository(), { task: TASK, epoch: '1', log: LOG });
  const landing = { ...fetched, task: TASK, branch: 'feature', newOid: rebased.newOid, lease, claimRevision: '7' };
  expect(await workspace.land(bed.repository(), landing)).toEqual({ kind: 'landed' });
  expect(logger.warnings).toHaveLength(2);
  expect(bed.sung()).toEqual([]);
});

test('work under which the clone is made anew is done again', async () => {
  const fetched = await workspace.fetch(bed.repository(), TASK, 'feature');
  bed.fakeGit(`own='${bed.own()}'
case "$*" in *merge-tree*) [ -e '${bed.root}/once' ] || { touch '${bed.root}/once'; cp -r "$own" "$own.new"; rm -rf "$own/objects"
  mv "$own" "$own.old"; mv "$own.new" "$own"; exit 128; };; esac
exec "$REAL_GIT" "$@"`);
  const rebase = { task: TASK, branch: 'feature', ...fetched };
  expect(await workspace.rebase(bed.repository(), rebase)).toMatchObject({ kind: 'rebased' });
  expect(bed.exists(bed.root, 'once')).toBe(true);
});

test.each(['a bare repository', 'a work tree'])(
  'nothing that %s configures is run, whichever key it is',
  async (kind) => {
    if (kind === 'a work tree') bed.git(['switch', '--quiet', 'feature']);
    const dir = kind === 'a work tree' ? join(bed.work, '.git') : bed.dir;
    const own = readFileSync(join(dir, 'config'), 'utf8');
    const keys = [...COMMAND_KEYS, ...Object.keys(TRIGGERS)];
    const rewriting = `[url "ext::sh -c ${bed.canary('rewritten').replace(/ /g, '% ')}"]\n\tinsteadOf = /\n`;
    plant(dir, keys, own + configText(keys, sing('local')) + rewriting);
    expect(await wholeWay(bed.repository('web', kind === 'a work tree' ? bed.work : bed.dir))).toBe('landed');
    expect(bed.sung()).toEqual([]);
  },
);

test('the canaries do sing where git reads what was planted', () => {
  const evil = bed.plant(join(bed.root, 'evil'), configText(['filter.canary.smudge', 'core.fsmonitor'], sing('x')));
  chmodSync(dirname(evil), 0o755);
  bed.git(['-c', `include.path=${evil}`, 'checkout', '--quiet', 'feature']);
  expect(bed.sung()).toEqual(expect.arrayContaining(['canary-x-core.fsmonitor', 'canary-x-filter.canary.smudge']));
});
