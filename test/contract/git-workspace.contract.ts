import type {
  GitWorkspace,
  Landing,
  LaneLease,
  RebaseOutcome,
  RepositoryRef,
} from '../../src/application/ports/git-workspace';

/** What a contract needs to do to a repository from outside, whatever the repository is. */
export interface GitWorld {
  readonly workspace: GitWorkspace;
  readonly repository: RepositoryRef;
  /** Another process with the same repository. */
  readonly neighbour: GitWorkspace;
  /** Commits on a branch; a new one begins at main. Two changes of the same `touches` cannot both be merged. */
  push(branch: string, touches: number): string;
  pushToMain(touches: number): string;
  main(): string;
  /** A commit's parent; null for the first one. */
  parentOf(oid: string): string | null;
  landedRecord(task: string): string | null;
  /** What a crash between the two refs of a landing leaves: main has moved, and no record says so. */
  moveMainOnly(landing: Landing): Promise<void>;
  dispose(): void;
}

const TASK = 'web.T-1';
const LOG = 'a1b2c3';

/** The rules of `GitWorkspace` on which the conductor and the sagas rest; every adapter and every fake keeps them. */
export function describeGitWorkspace(name: string, open: () => GitWorld): void {
  describe(`GitWorkspace: ${name}`, () => {
    let world: GitWorld;
    beforeEach(() => {
      world = open();
    });
    afterEach(() => {
      world.dispose();
    });

    const take = (epoch: string, task = TASK, log = LOG): Promise<LaneLease> =>
      world.workspace.takeEpoch(world.repository, { task, epoch, log });

    async function landingOf(branch: string, lease: LaneLease, task = TASK): Promise<Landing> {
      const { workspace, repository } = world;
      const { headOid, baseOid, containsBase } = await workspace.fetch(repository, task, branch);
      const rebased: RebaseOutcome | null = containsBase
        ? null
        : await workspace.rebase(repository, { task, branch, headOid, baseOid });
      if (rebased && rebased.kind !== 'rebased') throw new Error(`expected a candidate, saw ${rebased.kind}`);
      return { task, branch, headOid, baseOid, newOid: rebased?.newOid ?? headOid, lease, claimRevision: '1' };
    }
    const land = (landing: Landing) => world.workspace.land(world.repository, landing);
    const recover = (landing: Landing) => world.workspace.recoverLanding(world.repository, landing);
    const codeOf = (work: Promise<unknown>) =>
      work.then(
        () => 'resolved',
        (error: unknown) => (error as { code?: string }).code,
      );

    describe('heads and fetch', () => {
      test('a branch on main’s commit contains it, one that main has left behind does not', async () => {
        const headOid = world.push('feature', 1);
        const baseOid = world.main();
        const fetch = () => world.workspace.fetch(world.repository, TASK, 'feature');
        expect(await fetch()).toMatchObject({ headOid, baseOid, containsBase: true, alreadyInMain: false });
        const later = world.pushToMain(2);
        expect(await fetch()).toMatchObject({ headOid, baseOid: later, containsBase: false, alreadyInMain: false });
      });

      test('a branch that has landed as it is, is in main already', async () => {
        world.push('feature', 1);
        await land(await landingOf('feature', await take('1')));
        const facts = await world.workspace.fetch(world.repository, TASK, 'feature');
        expect(facts).toMatchObject({ alreadyInMain: true });
      });

      test('heads of very many branches are those of the few that exist', async () => {
        const there = [world.push('feature', 1), world.push('other', 2)];
        const absent = Array.from({ length: 5_000 }, (_, index) => `gone/${index}`);
        const heads = await world.workspace.heads(world.repository, ['feature', ...absent, 'other']);
        expect(heads.size).toBe(5_002);
        expect([...heads.values()].filter((oid) => oid !== null)).toEqual(there);
      });

      test('heads are those of the branches that exist; a missing one cannot be fetched', async () => {
        const headOid = world.push('feature', 1);
        const heads = await world.workspace.heads(world.repository, ['feature', 'nope']);
        expect([...heads]).toEqual([
          ['feature', headOid],
          ['nope', null],
        ]);
        expect(await codeOf(world.workspace.fetch(world.repository, TASK, 'nope'))).toBe('GIT_BRANCH_MISSING');
      });
    });

    describe('rebase', () => {
      test('gives a candidate on main’s commit, and leaves branch and main where they are', async () => {
        const headOid = world.push('feature', 1);
        const baseOid = world.pushToMain(2);
        const { newOid } = await landingOf('feature', await take('1'));
        expect(newOid).not.toBe(headOid);
        expect(world.parentOf(newOid)).toBe(baseOid);
        expect(world.main()).toBe(baseOid);
        expect((await world.workspace.heads(world.repository, ['feature'])).get('feature')).toBe(headOid);
      });

      test('of a change that main has made otherwise is a conflict that names paths', async () => {
        const headOid = world.push('feature', 1);
        const baseOid = world.pushToMain(1);
        await world.workspace.fetch(world.repository, TASK, 'feature');
        const outcome = await world.workspace.rebase(world.repository, {
          task: TASK,
          branch: 'feature',
          headOid,
          baseOid,
        });
        expect(outcome.kind).toBe('conflict');
        expect(outcome.kind === 'conflict' && outcome.paths.length).toBeGreaterThan(0);
      });

      test('has the tree that the kept candidate has', async () => {
        const headOid = world.push('feature', 1);
        const { headTree } = await world.workspace.fetch(world.repository, TASK, 'feature');
        const { treeOid } = await world.workspace.keepCandidate(world.repository, TASK, headOid);
        expect(treeOid).toBe(headTree);
        expect(await world.workspace.treeOf(world.repository, headOid)).toBe(headTree);
        expect(await world.workspace.treeOf(world.repository, '1'.repeat(40))).toBeNull();
      });

      test('changes the lines of its own files, and none of what main has', async () => {
        world.push('feature', 1);
        world.pushToMain(2);
        const { workspace, repository } = world;
        const { headOid, baseOid } = await workspace.fetch(repository, TASK, 'feature');
        const outcome = await workspace.rebase(repository, { task: TASK, branch: 'feature', headOid, baseOid });
        if (outcome.kind !== 'rebased') throw new Error(`expected a candidate, saw ${outcome.kind}`);
        const changed = await workspace.changedLines(repository, { from: baseOid, to: outcome.newOid });
        expect(changed.map(({ path }) => path)).toEqual(['1.txt']);
        expect(changed[0]?.stretches).toEqual([[1, changed[0]?.lineCount]]);
        const paths = await workspace.filePaths(repository, outcome.newOid);
        expect(['1.txt', '2.txt', '3.txt'].map((path) => paths.has(path))).toEqual([true, true, false]);
        expect(await workspace.changedLines(repository, { from: baseOid, to: baseOid })).toEqual([]);
      });
    });

    describe('land', () => {
      test('moves main to the candidate once, and repeated is landed still', async () => {
        world.push('feature', 1);
        world.pushToMain(2);
        const landing = await landingOf('feature', await take('1'));
        expect(await land(landing)).toEqual({ kind: 'landed' });
        expect(world.main()).toBe(landing.newOid);
        expect(world.landedRecord(TASK)).toBe(landing.newOid);
        const later = world.pushToMain(3);
        expect(await land(landing)).toEqual({ kind: 'landed' });
        expect(world.main()).toBe(later);
      });

      test('is refused for a lease that is not in force, for a branch that moved, for a main that moved, in this order', async () => {
        world.push('feature', 1);
        const landing = await landingOf('feature', await take('1'));
        const main = world.pushToMain(2);
        expect(await land(landing)).toEqual({ kind: 'main-moved' });
        world.push('feature', 3);
        expect(await land(landing)).toEqual({ kind: 'head-moved' });
        await world.neighbour.takeEpoch(world.repository, { task: 'web.T-2', epoch: '2', log: LOG });
        expect(await land(landing)).toEqual({ kind: 'epoch-lost' });
        expect(world.main()).toBe(main);
        expect(world.landedRecord(TASK)).toBeNull();
      });

      test('of a second candidate of the same task is refused for good', async () => {
        world.push('feature', 1);
        const first = await landingOf('feature', await take('1'));
        await land(first);
        world.push('feature', 2);
        const second = await landingOf('feature', await take('2'));
        expect(await codeOf(land(second))).toBe('GIT_LANDED_BEFORE');
        expect(world.main()).toBe(first.newOid);
        expect(world.landedRecord(TASK)).toBe(first.newOid);
      });

      test('of two tasks with one base: one lands, the other finds main moved', async () => {
        world.push('a', 1);
        world.push('b', 2);
        const lease = await take('1');
        const [a, b] = [await landingOf('a', lease, 'web.A'), await landingOf('b', lease, 'web.B')];
        expect(await land(a)).toEqual({ kind: 'landed' });
        expect(await land(b)).toEqual({ kind: 'main-moved' });
        expect(await land(await landingOf('b', lease, 'web.B'))).toEqual({ kind: 'landed' });
        expect(world.main()).not.toBe(a.newOid);
      });
    });

    describe('files', () => {
      test('have nothing to be settled before a landing, nor after one that ended', async () => {
        world.push('feature', 1);
        const settled = () => world.workspace.settleFiles(world.repository);
        expect(await settled()).toEqual([]);
        await land(await landingOf('feature', await take('1')));
        expect(await settled()).toEqual([]);
      });
    });

    describe('epochs', () => {
      test('a newer one shuts out the older one, whoever takes it; the older one cannot be taken again', async () => {
        world.push('feature', 1);
        const old = await take('1');
        const landing = await landingOf('feature', old);
        await world.neighbour.takeEpoch(world.repository, { task: TASK, epoch: '2', log: LOG });
        expect(await land(landing)).toEqual({ kind: 'epoch-lost' });
        expect(await land({ ...landing, lease: await take('1') })).toEqual({ kind: 'epoch-lost' });
        expect(await land({ ...landing, lease: await take('2') })).toEqual({ kind: 'landed' });
      });

      test('are numbers, and taking the same one twice is taking it once', async () => {
        world.push('feature', 1);
        await take('9');
        const lease = await take('10');
        expect(await take('10')).toEqual(lease);
        expect(await land(await landingOf('feature', lease))).toEqual({ kind: 'landed' });
      });

      test('of one log say nothing about another', async () => {
        world.push('feature', 1);
        await take('40');
        const lease = await take('1', TASK, 'fedcba');
        expect(await land(await landingOf('feature', lease))).toEqual({ kind: 'landed' });
      });
    });

    describe('recovery', () => {
      test('of a landing that never moved main says so, and shuts nobody out but the old lease', async () => {
        world.push('feature', 1);
        const landing = await landingOf('feature', await take('1'));
        const lease = await take('2');
        expect(await recover({ ...landing, lease })).toEqual({ kind: 'not-landed' });
        expect(world.landedRecord(TASK)).toBeNull();
        expect(await land(landing)).toEqual({ kind: 'epoch-lost' });
        expect(await land({ ...landing, lease })).toEqual({ kind: 'landed' });
      });

      test('of one that landed says so, also when main has moved on', async () => {
        world.push('feature', 1);
        const landing = await landingOf('feature', await take('1'));
        await land(landing);
        world.pushToMain(2);
        expect(await recover({ ...landing, lease: await take('2') })).toEqual({ kind: 'landed', recovered: true });
      });

      test('of one that moved main without its record makes the record good, also when main has moved on', async () => {
        world.push('feature', 1);
        world.pushToMain(2);
        const landing = await landingOf('feature', await take('1'));
        await world.moveMainOnly(landing);
        const later = world.pushToMain(3);
        expect(await recover({ ...landing, lease: await take('2') })).toEqual({ kind: 'landed', recovered: true });
        expect(world.landedRecord(TASK)).toBe(landing.newOid);
        expect(world.main()).toBe(later);
        expect(await land(landing)).toEqual({ kind: 'landed' });
        expect(world.main()).toBe(later);
      });
    });
  });
}
